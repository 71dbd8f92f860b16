package flow_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// script turns bytes into packets between a few ends: six bytes a packet choose
// the ends, the protocol, flags, sequence numbers, size and time.
func script(data []byte) (list []pkttest.Packet) {
	now := second(0)
	for len(data) >= 6 {
		step := data[:6]
		data = data[6:]
		if step[5]&0x80 != 0 {
			now += int64(step[5]&0x7f) * 5e9 // beyond timeouts
		} else {
			now += int64(step[5]) * 1e6
		}
		list = append(list, pkttest.At(now, scriptFrame(step)))
	}
	return list
}

// scriptFrame makes the frame of a step.
func scriptFrame(step []byte) []byte {
	hosts := [...]string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}
	var ip pkttest.Layer = pkttest.IPv4{Src: hosts[step[0]%3], Dst: hosts[step[0]/3%3]}
	if step[0]&0x80 != 0 {
		ip = pkttest.IPv6{Src: "2001:db8::" + hosts[step[0]%3][7:], Dst: "2001:db8::" + hosts[step[0]/3%3][7:]}
	}
	ports := [...]uint16{53, 8000, 40000}
	src, dst := ports[step[1]%3], ports[step[1]/3%3]
	payload := pkttest.Zeros(step[4] & 0x3f)
	switch {
	case step[1]&0x80 == 0:
		// Numbers near 2^32, so that they wrap.
		seq := uint32(1<<32-300) + uint32(step[3])*8
		t := pkttest.TCP{SrcPort: src, DstPort: dst, Seq: seq, Ack: seq ^ 0x40, Flags: uint16(step[2] & 0x1f)}
		t.ZeroWindow = step[4]&0xc0 == 0xc0
		return pkttest.Frame(pkttest.Ethernet{}, ip, t, payload)
	case step[1]&0x40 == 0:
		return pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.UDP{SrcPort: src, DstPort: dst}, payload)
	default:
		return pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.ICMP{Type: step[2] % 20, Code: step[3] % 2}, payload)
	}
}

// model is a slow flow table: it knows flows without TCP, and for TCP only what
// each pair of ends has sent.
type model struct {
	idle  int64
	flows map[string]*modelFlow // that go on
	all   []*modelFlow
	ends  map[string]flow.Counters // by direction
}

type modelFlow struct {
	name       string
	start, end int64
	packets    uint64
	bytes      uint64
}

// take takes packet i of a decoded batch. Its name is that of both directions.
func (m *model) take(b *packet.Batch, i int) {
	l, r := &b.Layers[i], &b.Records[i]
	if !l.Has.Any(packet.HasIP) {
		return
	}
	h := b.Frame(i)[l.L3:]
	src, dst := fmt.Sprintf("%x", h[12:16]), fmt.Sprintf("%x", h[16:20])
	if l.Has.Any(packet.HasIPv6) {
		src, dst = fmt.Sprintf("%x", h[8:24]), fmt.Sprintf("%x", h[24:40])
	}
	from, to := l.SrcPort, l.DstPort
	oneWay := false
	if l.Has.Any(packet.HasICMP) {
		from, to, oneWay = modelICMP(l.Proto, from, to)
	}
	a, z := fmt.Sprintf("%s:%05d", src, from), fmt.Sprintf("%s:%05d", dst, to)
	c := m.ends[a+">"+z+fmt.Sprint(l.Proto)]
	c.Packets++
	c.Bytes += uint64(r.WireLen)
	m.ends[a+">"+z+fmt.Sprint(l.Proto)] = c
	if l.Proto == 6 {
		return
	}
	if !oneWay && a > z {
		a, z = z, a
	}
	name := a + "-" + z + fmt.Sprint(l.Proto)
	f := m.flows[name]
	if f == nil || r.Nanos-f.end > m.idle {
		f = &modelFlow{name: name, start: r.Nanos}
		m.flows[name] = f
		m.all = append(m.all, f)
	}
	f.end = r.Nanos
	f.packets++
	f.bytes += uint64(r.WireLen)
}

// modelICMP returns what stands for ports, and whether there is no answer.
func modelICMP(proto uint8, typ, code uint16) (from, to uint16, oneWay bool) {
	pairs := map[uint16]uint16{0: 8, 8: 0, 9: 10, 10: 9, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17}
	if other, ok := pairs[typ]; ok && proto == 1 {
		return typ, other, false
	}
	return typ, code, true
}

// line is what is compared of a flow.
func (f *modelFlow) line() string {
	return fmt.Sprint(f.start, " ", f.end, " ", f.packets, " ", f.bytes)
}

// compare holds rows against the model.
func (m *model) compare(t *testing.T, rows rows) {
	t.Helper()
	ends := map[string]flow.Counters{}
	var have, want []string
	for i := range rows {
		r := &rows[i]
		a, z := modelEnd(r.IPVersion, r.Src.Addr().AsSlice(), r.SrcPort), modelEnd(r.IPVersion, r.Dst.Addr().AsSlice(), r.DstPort)
		add(ends, a+">"+z+fmt.Sprint(r.Proto), r.SrcSent)
		if !(r.Proto == 1 || r.Proto == 58) || r.DstSent.Packets > 0 {
			add(ends, z+">"+a+fmt.Sprint(r.Proto), r.DstSent)
		}
		if r.Proto != 6 {
			have = append(have, fmt.Sprint(r.Start, " ", r.End, " ", r.SrcSent.Packets+r.DstSent.Packets, " ", r.SrcSent.Bytes+r.DstSent.Bytes))
		}
	}
	for _, f := range m.all {
		want = append(want, f.line())
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("flows without TCP:\nhave %q\nwant %q", have, want)
	}
	for name, c := range m.ends {
		if ends[name].Packets != c.Packets || ends[name].Bytes != c.Bytes {
			t.Errorf("%s: have %+v, want %+v", name, ends[name], c)
		}
	}
}

func modelEnd(_ uint8, addr []byte, port uint16) string { return fmt.Sprintf("%x:%05d", addr, port) }

func add(m map[string]flow.Counters, name string, c flow.Counters) {
	if c.Packets == 0 {
		return
	}
	sum := m[name]
	sum.Packets += c.Packets
	sum.Bytes += c.Bytes
	m[name] = sum
}

// sane checks what holds for every row.
func sane(t *testing.T, r *flow.Row) {
	t.Helper()
	if r.SrcSent.Packets+r.DstSent.Packets == 0 || r.End < r.Start {
		t.Errorf("impossible row %+v", r)
	}
	for i, s := range []flow.Counters{r.SrcSent, r.DstSent} {
		if s.IPBytes > s.Bytes || s.Payload > s.IPBytes {
			t.Errorf("side %d: counters %+v", i, s)
		}
		x := &r.TCP[i]
		if x.RetransBytes > s.Payload || uint64(x.RetransPackets+x.OutOfOrder) > s.Packets {
			t.Errorf("side %d: %+v with %+v", i, x, s)
		}
		if x.StreamBytes > 1<<33 || x.Missed > 1<<33 || x.RTT < 0 {
			t.Errorf("side %d: %+v", i, x)
		}
	}
	if r.State >= flow.NumStates || r.EndReason >= flow.NumEndReasons || r.PortVia >= flow.NumPortVia {
		t.Errorf("impossible values in %+v", r)
	}
}

// checkScript runs a script in batches of several sizes: rows must not depend
// on them, and agree with the model.
func checkScript(t *testing.T, data []byte) {
	list := script(data)
	var first rows
	for n, size := range []int{512, 1, 7} {
		cfg := flow.Config{Idle: 100e9, Registered: func(_ uint8, p uint16) bool { return p == 8000 }, Seed: uint64(n + 1)}
		got := newPipeline(cfg).packets(list, size)
		slices.SortFunc(got, func(a, b flow.Row) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID), cmp.Compare(a.End, b.End))
		})
		for i := range got {
			got[i].Handle = 0
			sane(t, &got[i])
		}
		if n == 0 {
			first = got
			m := &model{idle: 100e9, flows: map[string]*modelFlow{}, ends: map[string]flow.Counters{}}
			for len(list) > 0 && size > 0 {
				k := min(len(list), size)
				b := batchOf(list[:k])
				for i := range b.N {
					m.take(b, i)
				}
				list, size = list[k:], 512
			}
			list = script(data)
			m.compare(t, got)
			continue
		}
		for i := range first {
			if i >= len(got) || !alike(&got[i], &first[i]) {
				t.Fatalf("%d packets at a time: row %d differs:\nhave %+v\nwant %+v", size, i, got[min(i, len(got)-1)], first[i])
			}
		}
	}
}

// alike reports whether two rows are equal but for what may depend on when they
// were delivered: the port, which follows from what was seen until then.
func alike(a, b *flow.Row) bool {
	x, y := *a, *b
	x.ServicePort, x.PortVia, y.ServicePort, y.PortVia = 0, 0, 0, 0
	return x == y
}

func TestScripts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		data := make([]byte, 6*(1+r.IntN(600)))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		for i := 5; i < len(data); i += 6 {
			if r.IntN(20) > 0 {
				data[i] &= 0x7f // mostly short times
			}
		}
		if checkScript(t, data); t.Failed() {
			return
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("\x01\x05\x02\x00\x00\x01\x03\x07\x12\x00\x00\x01\x01\x05\x10\x01\x20\x01"))
	f.Add([]byte("\x81\x85\x02\x00\x00\x01\x83\x87\x12\x00\x00\xff\x81\x85\x10\x01\x20\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 6*400 {
			data = data[:6*400]
		}
		checkScript(t, data)
	})
}
