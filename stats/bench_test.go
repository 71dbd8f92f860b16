package stats

import (
	"encoding/binary"
	"os"
	"testing"
	"time"

	"pkt/capture/pcapfile"
	"pkt/decode"
	"pkt/flow"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/names"
	"pkt/packet"
)

// ring is traffic that has been through all stages before the one measured, in
// batches that are used again and again, each time later.
type ring struct {
	batches []*packet.Batch
	refs    []*flow.Refs
	table   *flow.Table
	span    int64
	at      int
}

type noSink struct{}

func (noSink) Ended([]flow.Row) {}

// newRing returns a ring of packets on as many flows, half of them UDP, between
// few servers and many clients, 10 µs apart.
func newRing(flows uint32) *ring { return newLongRing(flows, 16) }

// newLongRing is newRing with a number of batches.
func newLongRing(flows uint32, batches int) *ring {
	r := &ring{table: flow.NewTable(flow.Config{Registered: names.Registered}, noSink{}), span: int64(batches) * packet.BatchLen * 10_000}
	keys, stage := r.table.NewKeys(), fragment.NewStage()
	udp := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{}, pkttest.Zeros(100))
	tcp := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.TCP{Flags: pkttest.ACK}, pkttest.Zeros(300))
	n := uint32(0)
	for range batches {
		b := &packet.Batch{N: packet.BatchLen, Ifaces: []packet.Iface{{Link: 1}}}
		var mem []byte
		for i := range b.N {
			f := n * 0x9e3779b1 % flows
			frame := udp
			if f%2 == 0 {
				frame = tcp
			}
			b.Records[i] = packet.Record{Nanos: int64(n) * 10_000, Off: uint32(len(mem)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1}
			mem = append(mem, frame...)
			h := mem[len(mem)-len(frame)+14:]
			client, server := 10<<24|f, 192<<24|f%1009
			from, to := h[12:], h[16:]
			fromPort, toPort := h[20:], h[22:]
			if n/flows%2 == 1 {
				from, to, fromPort, toPort = to, from, toPort, fromPort
			}
			binary.BigEndian.PutUint32(from, client)
			binary.BigEndian.PutUint32(to, server)
			binary.BigEndian.PutUint16(fromPort, uint16(32768+f%20000))
			binary.BigEndian.PutUint16(toPort, uint16(443+f%5))
			n++
		}
		b.Block = packet.NewBlock(mem, nil)
		decode.Batch(b, b.All())
		in, credits := stage.Batch(b, b.All())
		keys.Fill(b, in)
		refs := new(flow.Refs)
		r.table.Update(b, in, keys, credits, refs)
		r.batches, r.refs = append(r.batches, b), append(r.refs, refs)
	}
	return r
}

// settle makes the packets no longer the first ones of their flows.
func (r *ring) settle() {
	for _, refs := range r.refs {
		for i := range refs.Info {
			refs.Info[i] &^= flow.RefFirst | flow.RefOpened
		}
	}
}

// next returns the next batch, later than all before.
func (r *ring) next() (*packet.Batch, *flow.Refs) {
	b, refs := r.batches[r.at], r.refs[r.at]
	r.at = (r.at + 1) % len(r.batches)
	for i := range b.Records {
		b.Records[i].Nanos += r.span
	}
	return b, refs
}

var groupings = []string{
	"src_ip", "dst_port", "len", "bucket(len,64)", "net(src_ip,24)", "minute(ts)", "src_ip,dst_port", "host",
	"port", "flow_id", "service", "port,src_ip",
}

// BenchmarkRanking measures a ranking alone: columns, groups and flows, on
// packets of 4,000 flows that lie in the cache, as they do behind the other
// stages.
func BenchmarkRanking(b *testing.B) {
	r := newRing(4000)
	for _, by := range groupings {
		b.Run(by, func(b *testing.B) {
			k := NewRanking(Config{Keys: mustParse(b, by)}, r.table)
			for range r.batches {
				batch, refs := r.next()
				k.Batch(batch, batch.All(), nil, refs)
			}
			r.settle()
			b.ReportAllocs()
			b.ResetTimer()
			before := cpuTime()
			for range b.N {
				batch, refs := r.next()
				k.Batch(batch, batch.All(), nil, refs)
			}
			b.ReportMetric(float64(cpuTime()-before)/float64(b.N*packet.BatchLen), "ns/pkt")
		})
	}
}

// BenchmarkTick measures the end of a second in which some 100,000 flows had packets:
// what passes on, history, and the result that a screen shows.
func BenchmarkTick(b *testing.B) {
	const flows = 150_000
	r := newLongRing(flows, flows/packet.BatchLen+1)
	for _, by := range []string{"flow", "port", "src_ip,dst_port"} {
		b.Run(by, func(b *testing.B) {
			var last *Result
			k := NewRanking(Config{
				Keys: mustParse(b, by), Live: true, Windows: DefaultWindows, Interval: second,
				Rows: Rows{Limit: 1000}, Each: func(res *Result) { last = res },
			}, r.table)
			for range 2 * len(r.batches) {
				batch, refs := r.next()
				k.Batch(batch, batch.All(), nil, refs)
			}
			b.ReportAllocs()
			var spent time.Duration
			for range b.N {
				for range len(r.batches) {
					batch, refs := r.next()
					k.Batch(batch, batch.All(), nil, refs)
				}
				before := cpuTime()
				k.tick(k.clock.next)
				spent += cpuTime() - before
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(b.N)/1000, "ms/tick")
			b.ReportMetric(float64(last.Groups), "groups")
		})
	}
}

// BenchmarkSurvey measures a survey alone.
func BenchmarkSurvey(b *testing.B) {
	r := newRing(4000)
	for _, sums := range []bool{false, true} {
		name := "plain"
		if sums {
			name = "checksums"
		}
		b.Run(name, func(b *testing.B) {
			s := NewSurvey(SurveyConfig{Checksums: sums})
			b.ReportAllocs()
			before := cpuTime()
			for range b.N {
				batch, _ := r.next()
				s.Batch(batch, batch.All(), nil, nil)
			}
			b.ReportMetric(float64(cpuTime()-before)/float64(b.N*packet.BatchLen), "ns/pkt")
		})
	}
}

// BenchmarkFlowEnd measures what the end of a flow costs a survey.
func BenchmarkFlowEnd(b *testing.B) {
	s := NewSurvey(SurveyConfig{})
	var refs flow.Refs
	r := newRing(4000)
	batch, _ := r.next()
	keys := r.table.NewKeys()
	keys.Fill(batch, batch.All())
	r.table.Update(batch, batch.All(), keys, nil, &refs)
	rows := make([]flow.Row, packet.BatchLen)
	for i := range rows {
		r.table.Row(refs.Flow[i], &rows[i])
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		s.Ended(rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/flow")
}

// Once all groups are there, nothing is allocated.
func TestRankingAllocates(t *testing.T) {
	r := newRing(2000)
	for _, by := range groupings {
		if by == "minute(ts)" {
			continue // there is a new group every minute
		}
		for _, windows := range [][]time.Duration{nil, DefaultWindows} {
			k := NewRanking(Config{Keys: mustParse(t, by), Windows: windows}, r.table)
			feed := func() {
				batch, refs := r.next()
				k.Batch(batch, batch.All(), nil, refs)
			}
			// Until the tick has ended twice, so that all have their history.
			for range 3*len(r.batches) + 2*second/int(r.span)*len(r.batches) {
				feed()
			}
			if n := testing.AllocsPerRun(2*len(r.batches), feed); n != 0 {
				t.Errorf("%s, windows %v: %v allocations a batch", by, windows, n)
			}
		}
	}
}

func TestSurveyAllocates(t *testing.T) {
	r := newRing(2000)
	for _, sums := range []bool{false, true} {
		s := NewSurvey(SurveyConfig{Checksums: sums})
		feed := func() {
			batch, _ := r.next()
			s.Batch(batch, batch.All(), nil, nil)
		}
		for range len(r.batches) {
			feed()
		}
		if n := testing.AllocsPerRun(len(r.batches), feed); n != 0 {
			t.Errorf("checksums %v: %v allocations a batch", sums, n)
		}
	}
}

// BenchmarkCapture reads a capture through all stages, with nothing behind them
// and with a ranking or a survey: what they add is the difference. Times are
// those of the processor. PKT_BENCH is the captures' folder.
func BenchmarkCapture(b *testing.B) {
	dir := os.Getenv("PKT_BENCH")
	if dir == "" {
		b.Skip("PKT_BENCH names no folder of captures")
	}
	for _, name := range []string{"small", "mixed", "manyflows"} {
		for _, by := range append([]string{"nothing", "survey"}, groupings...) {
			b.Run(name+"/"+by, func(b *testing.B) {
				before, packets := cpuTime(), 0
				for range b.N {
					packets += readCapture(b, dir+"/"+name+".pcap", by)
				}
				b.ReportMetric(float64(cpuTime()-before)/float64(packets), "ns/pkt")
			})
		}
	}
}

// sink hands ended flows on.
type sink struct{ to func([]flow.Row) }

func (s *sink) Ended(rows []flow.Row) { s.to(rows) }

// readCapture returns the number of packets.
func readCapture(b *testing.B, path, by string) (packets int) {
	src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
	if err != nil {
		b.Skip(err)
	}
	defer src.Close()
	to := &sink{func([]flow.Row) {}}
	table := flow.NewTable(flow.Config{Registered: names.Registered}, to)
	stage, keys, refs := fragment.NewStage(), table.NewKeys(), new(flow.Refs)
	consume := func(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs) {}
	switch by {
	case "nothing":
	case "survey":
		s := NewSurvey(SurveyConfig{})
		to.to, consume = s.Ended, s.Batch
	default:
		r := NewRanking(Config{Keys: mustParse(b, by)}, table)
		to.to, consume = r.Ended, r.Batch
	}
	batch := new(packet.Batch)
	for src.Next(batch) == nil {
		decode.Batch(batch, batch.All())
		in, credits := stage.Batch(batch, batch.All())
		keys.Fill(batch, in)
		table.Update(batch, in, keys, credits, refs)
		consume(batch, batch.All(), credits, refs)
		packets += batch.N
	}
	table.Flush()
	return packets
}
