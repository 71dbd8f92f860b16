package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pkt/decode"
	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// surveyOf runs packets through a survey.
func surveyOf(t *testing.T, cfg SurveyConfig, specs []spec) *Summary {
	f := newFeed(t, flow.Config{})
	s := NewSurvey(cfg)
	f.ended = s.Ended
	f.consumer = s.Batch
	f.run(specs)
	return s.Summary()
}

// surveyFrames runs frames, each a second behind the one before, through a
// survey, all in one batch.
func surveyFrames(t *testing.T, cfg SurveyConfig, frames ...[]byte) *Summary {
	t.Helper()
	f := newFeed(t, flow.Config{})
	s := NewSurvey(cfg)
	f.ended = s.Ended
	f.consumer = s.Batch
	b := &packet.Batch{N: len(frames), Ifaces: []packet.Iface{{Name: "eth0", Link: 1}}}
	var mem []byte
	for i, frame := range frames {
		b.Records[i] = packet.Record{Nanos: int64(i) * 1e9, Off: uint32(len(mem)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1}
		mem = append(mem, frame...)
	}
	b.Block = packet.NewBlock(mem, nil)
	decode.Batch(b, b.All())
	f.batch(b)
	f.flush()
	return s.Summary()
}

func TestSurveyTotals(t *testing.T) {
	specs := randomTraffic(rand.New(rand.NewPCG(1, 9)), 20_000)
	s := surveyOf(t, SurveyConfig{Hosts: 100, Ports: 100}, specs)
	var bytes, backwards, step uint64
	var lens []uint64
	first, last := specs[0].ts, specs[0].ts
	hosts, seconds := map[string]uint64{}, map[int64]uint64{}
	for i, p := range specs {
		bytes += p.wire
		lens = append(lens, p.wire)
		if i > 0 && p.ts < specs[i-1].ts {
			backwards++
			step = max(step, uint64(specs[i-1].ts-p.ts))
		}
		first, last = min(first, p.ts), max(last, p.ts)
		seconds[last/1e9] += p.wire
		if p.proto != 0 {
			hosts[p.src.String()] += p.wire
			if p.src != p.dst {
				hosts[p.dst.String()] += p.wire
			}
		}
	}
	if s.Packets != uint64(len(specs)) || s.Bytes != bytes || int64(s.First) != first || int64(s.Last) != last {
		t.Errorf("%d packets, %d bytes, %d to %d", s.Packets, s.Bytes, s.First, s.Last)
	}
	if s.Notices.Backwards != backwards || uint64(s.Notices.BackwardStep) != step {
		t.Errorf("%d steps back, want %d; the largest %d, want %d", s.Notices.Backwards, backwards, s.Notices.BackwardStep, step)
	}
	slices.Sort(lens)
	z := s.Sizes
	if uint64(z.Min) != lens[0] || uint64(z.Max) != lens[len(lens)-1] || uint64(z.P50) != lens[len(lens)/2] || uint64(z.P99) != lens[len(lens)*99/100] {
		t.Errorf("sizes %+v", z)
	}
	var sum Volume
	for _, c := range z.Classes {
		sum.Packets, sum.Bytes = sum.Packets+c.Packets, sum.Bytes+c.Bytes
	}
	if sum != s.Volume {
		t.Errorf("size classes add up to %+v", sum)
	}
	sum = Volume{}
	for _, c := range s.Timeline.Buckets {
		sum.Packets, sum.Bytes = sum.Packets+c.Packets, sum.Bytes+c.Bytes
	}
	if sum != s.Volume || len(s.Timeline.Buckets) > TimelineLen {
		t.Errorf("%d buckets of the timeline add up to %+v", len(s.Timeline.Buckets), sum)
	}
	if len(s.Hosts) != len(hosts) {
		t.Errorf("%d hosts, want %d", len(s.Hosts), len(hosts))
	}
	for _, h := range s.Hosts {
		if h.Bytes != hosts[h.Addr.String()] {
			t.Errorf("%s: %d bytes, want %d", h.Addr, h.Bytes, hosts[h.Addr.String()])
		}
	}
	var peak uint64
	for _, n := range seconds {
		peak = max(peak, n)
	}
	if s.Rates.PeakBps != float64(peak)*8 || math.Abs(s.Rates.AvgBps-float64(bytes)*8e9/float64(last-first)) > 1 {
		t.Errorf("rates %+v, want a peak of %d", s.Rates, peak*8)
	}
}

// Every level of the protocol tree adds up to no more than the one above, and
// the first to everything.
func TestSurveyProtocols(t *testing.T) {
	s := surveyOf(t, SurveyConfig{}, randomTraffic(rand.New(rand.NewPCG(2, 9)), 5000))
	var top Volume
	var above [3]Volume
	for _, p := range s.Protocols {
		if p.Depth == 0 {
			top.Packets, top.Bytes = top.Packets+p.Packets, top.Bytes+p.Bytes
		} else {
			room := &above[p.Depth-1]
			if room.Packets < p.Packets || room.Bytes < p.Bytes {
				t.Errorf("%s has more than what carries it", p.Name)
			}
			room.Packets, room.Bytes = room.Packets-p.Packets, room.Bytes-p.Bytes
		}
		above[p.Depth] = p.Volume
	}
	if top != s.Volume {
		t.Errorf("networks add up to %+v, want %+v", top, s.Volume)
	}
}

func TestSurveyTCP(t *testing.T) {
	tcp := func(flags uint16, back bool, port uint16) []byte {
		h := pkttest.TCP{SrcPort: port, DstPort: 80, Flags: flags, Seq: 1, Ack: 2}
		ip := pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2"}
		if back {
			h.SrcPort, h.DstPort, ip.Src, ip.Dst, h.Seq, h.Ack = 80, port, ip.Dst, ip.Src, 1, 2
		}
		return pkttest.Frame(pkttest.Ethernet{}, ip, h)
	}
	s := surveyFrames(t, SurveyConfig{},
		tcp(pkttest.SYN, false, 1000),                                           // unanswered
		tcp(pkttest.SYN, false, 1001), tcp(pkttest.RST|pkttest.ACK, true, 1001), // rejected
		tcp(pkttest.SYN, false, 1002), tcp(pkttest.SYN|pkttest.ACK, true, 1002), tcp(pkttest.ACK, false, 1002), // open
		tcp(pkttest.ACK, false, 1003), // midstream
	).TCP
	if s.Connections != 4 || s.Handshakes != 3 || s.Unanswered != 1 || s.Rejected != 1 || s.Complete != 1 || s.Midstream != 1 {
		t.Errorf("%+v", s)
	}
	if s.RTT.Count != 1 || s.RTT.Max != 2e9 {
		t.Errorf("round trips %+v", s.RTT)
	}
}

func TestSurveyNotices(t *testing.T) {
	frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.VLAN{ID: 5}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 1, DstPort: 2}, pkttest.Text("x"))
	inner := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.GRE{}, pkttest.IPv4{Src: "1.1.1.1", Dst: "2.2.2.2"}, pkttest.UDP{SrcPort: 1, DstPort: 2})
	broken := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{})[:20]
	s := surveyFrames(t, SurveyConfig{}, frame, frame, inner, broken)
	n := s.Notices
	if n.Tagged.Packets != 2 || n.Duplicates.Packets != 1 || n.Tunnelled.Packets != 1 || len(n.Tunnels) != 1 || n.Tunnels[0].Name != "gre" {
		t.Errorf("%+v", n)
	}
	if len(s.Problems) != 1 || s.Problems[0].Packets != 1 || s.Problems[0].Name != "truncated" {
		t.Errorf("problems %+v", s.Problems)
	}
	if len(s.Inputs) != 1 || s.Inputs[0].Iface != "eth0" || s.Inputs[0].Packets != 4 {
		t.Errorf("inputs %+v", s.Inputs)
	}
}

func TestSurveyChecksums(t *testing.T) {
	var frames [][]byte
	udp := func(src string, sum *uint16) []byte {
		return pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{Src: src}, pkttest.UDP{SrcPort: 1, DstPort: 2, Checksum: sum}, pkttest.Text("payload"))
	}
	for i := range 30 {
		frames = append(frames, udp("10.0.0.1", nil))
		if i == 0 {
			// One in 31: an error.
			frames = append(frames, udp("10.0.0.1", pkttest.Exactly(0xdead)))
		}
		// All wrong: offloaded.
		frames = append(frames, udp("10.0.0.7", pkttest.Exactly(0xbeef)))
	}
	s := surveyFrames(t, SurveyConfig{Checksums: true}, frames...)
	want := []Checksum{{"ipv4", 61, 0, 0}, {"udp", 61, 1, 30}}
	if !slices.Equal(s.Checksums, want) {
		t.Errorf("%+v, want %+v", s.Checksums, want)
	}
}

func TestTimelineFolds(t *testing.T) {
	var tl Timeline
	start := int64(1e18)
	step := int64(time.Millisecond)
	for i := range int64(100_000) {
		tl.add(start+i*step, 10)
	}
	tl.add(start-5, 10) // clocks go back
	var sum uint64
	for _, b := range tl.Buckets {
		sum += b.Bytes
	}
	if sum != 1_000_010 || len(tl.Buckets) > TimelineLen || len(tl.Buckets) < TimelineLen/2-1 {
		t.Errorf("%d bytes in %d buckets of %v", sum, len(tl.Buckets), time.Duration(tl.Width))
	}
	tl.add(math.MaxInt64, 1) // a damaged time
	if len(tl.Buckets) > TimelineLen {
		t.Errorf("%d buckets", len(tl.Buckets))
	}
}

func TestHistogram(t *testing.T) {
	h := new(histogram)
	rnd := rand.New(rand.NewPCG(1, 1))
	var all []int64
	for range 10_000 {
		v := int64(math.Exp(rnd.Float64() * 30))
		all = append(all, v)
		h.add(v)
	}
	slices.Sort(all)
	for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 0.999} {
		want := all[int(q*float64(len(all)))]
		if got := h.at(q); got > want || float64(got) < float64(want)*(1-1.0/64)-1 {
			t.Errorf("quantile %v: %d, want %d", q, got, want)
		}
	}
	if h.at(1) != all[len(all)-1] {
		t.Error("the last is not the largest")
	}
	h.add(math.MaxInt64)
	h.add(-1)
	for v := int64(1); v > 0; v <<= 1 {
		if got := low(step(uint64(v))); got > v || v-got > v/64 {
			t.Errorf("%d is in the bucket of %d", v, got)
		}
	}
}

// An index behaves as a map, whatever is added, removed and reset.
func TestIndex(t *testing.T) {
	x := newIndex(2)
	want := map[[2]uint64]uint32{}
	rnd := rand.New(rand.NewPCG(4, 4))
	for n := range 200_000 {
		key := [2]uint64{rnd.Uint64N(50), rnd.Uint64N(60)}
		tag := x.hash(key[:])
		at := x.find(tag, key[:])
		number, known := want[key]
		if known != (at != none) || known && at != number {
			t.Fatalf("%v: %d, want %d, %v", key, at, number, known)
		}
		switch {
		case !known:
			want[key] = x.add(tag, key[:])
		case rnd.IntN(2) == 0:
			x.remove(at)
			delete(want, key)
		}
		if x.len() != len(want) {
			t.Fatalf("%d keys, want %d", x.len(), len(want))
		}
		if n%40_000 == 39_999 {
			x.reset()
			clear(want)
		}
	}
	// Resetting few keys of a large index leaves no slot behind.
	for round := range 100 {
		for i := range uint64(20) {
			key := [2]uint64{i, uint64(round)}
			x.add(x.hash(key[:]), key[:])
		}
		x.reset()
		if slices.ContainsFunc(x.slots, func(s uint64) bool { return s != 0 }) {
			t.Fatal("a slot is left")
		}
	}
}

func TestTexts(t *testing.T) {
	texts := newTexts()
	a, b := texts.id(0, []byte("a")), texts.id(1, []byte("b"))
	if a == b || texts.id(0, []byte("b")) != b || texts.id(0, []byte("a")) != a || texts.id(0, nil) != 0 || texts.all[b] != "b" {
		t.Error("strings are mixed up")
	}
}

// Tunnels must not be read beyond their names.
func TestEtherName(t *testing.T) {
	if etherName(0x88cc) != "lldp" || etherName(0x1) != "0x0001" || protocolName(58) != "icmp6" || protocolName(253) == "" {
		t.Error("names")
	}
}
