package flow_test

import (
	"encoding/binary"
	"errors"
	"io"
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

// discard is a sink that only counts.
type discard struct{ rows int }

func (d *discard) Ended(rows []flow.Row) { d.rows += len(rows) }

// traffic makes batches of packets on many flows, in place and without end.
type traffic struct {
	batch packet.Batch
	mem   []byte
	flows uint64
	n     uint64 // packets made
	tcp   bool
}

// frameLen is the room for one frame of traffic.
const frameLen = 128

func newTraffic(flows int, tcp bool) *traffic {
	t := &traffic{flows: uint64(flows), tcp: tcp}
	var frame []byte
	if tcp {
		frame = pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.TCP{Flags: pkttest.ACK, Window: 1000}, pkttest.Zeros(20))
	} else {
		frame = pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{}, pkttest.Zeros(20))
	}
	t.mem = make([]byte, packet.BatchLen*frameLen)
	b := &t.batch
	b.N = packet.BatchLen
	b.Block = packet.NewBlock(t.mem, nil)
	for i := range b.N {
		copy(t.mem[i*frameLen:], frame)
		b.Records[i] = packet.Record{
			Off: uint32(i * frameLen), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1,
		}
	}
	return t
}

// next fills the batch. Packets go round all flows in a shuffled order, and
// every second round is that of the answers.
func (t *traffic) next() *packet.Batch {
	b := &t.batch
	for i := range b.N {
		f := t.n % t.flows * 0x9e3779b1 % t.flows
		round := t.n / t.flows
		h := t.mem[i*frameLen+14:]
		client, server := uint32(10<<24|f&0xfffff), uint32(192<<24|f%1009)
		port := uint16(1024 + f>>20)
		if round&1 == 0 {
			binary.BigEndian.PutUint32(h[12:], client)
			binary.BigEndian.PutUint32(h[16:], server)
			binary.BigEndian.PutUint16(h[20:], port)
			binary.BigEndian.PutUint16(h[22:], 443)
		} else {
			binary.BigEndian.PutUint32(h[12:], server)
			binary.BigEndian.PutUint32(h[16:], client)
			binary.BigEndian.PutUint16(h[20:], 443)
			binary.BigEndian.PutUint16(h[22:], port)
		}
		if t.tcp {
			binary.BigEndian.PutUint32(h[24:], uint32(round/2*20+1))
			binary.BigEndian.PutUint32(h[28:], uint32((round+1)/2*20+1))
		}
		b.Records[i].Nanos = int64(t.n) * 1000
		t.n++
	}
	decode.Batch(b, b.All())
	return b
}

// table is a table with all that goes with it.
type table struct {
	*flow.Table
	keys *flow.Keys
	refs flow.Refs
	sink discard
}

func newTable(cfg flow.Config) *table {
	t := new(table)
	cfg.Registered = names.Registered
	t.Table = flow.NewTable(cfg, &t.sink)
	t.keys = t.NewKeys()
	return t
}

func (t *table) batch(b *packet.Batch) {
	t.keys.Fill(b, b.All())
	t.Update(b, b.All(), t.keys, nil, &t.refs)
}

func BenchmarkTable(b *testing.B) {
	for _, c := range []struct {
		name  string
		flows int
		tcp   bool
	}{{"udp/1k", 1000, false}, {"udp/200k", 200_000, false}, {"udp/5M", 5_000_000, false},
		{"tcp/1k", 1000, true}, {"tcp/200k", 200_000, true}, {"tcp/5M", 5_000_000, true}} {
		b.Run(c.name, func(b *testing.B) {
			in := newTraffic(c.flows, c.tcp)
			t := newTable(flow.Config{})
			for in.n < in.flows*2 {
				t.batch(in.next())
			}
			var spent time.Duration
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				b.StopTimer()
				batch := in.next()
				b.StartTimer()
				start := cpuTime()
				t.batch(batch)
				spent += cpuTime() - start
			}
			b.ReportMetric(float64(spent)/float64(b.N)/packet.BatchLen, "ns/pkt")
		})
	}
}

// BenchmarkCapture runs generated captures through reader, decoder, fragment
// stage and table, and tells what processor time each took. PKT_BENCH is their folder.
func BenchmarkCapture(b *testing.B) {
	dir := os.Getenv("PKT_BENCH")
	if dir == "" {
		b.Skip("PKT_BENCH names no folder of captures")
	}
	for _, name := range []string{"small", "mixed", "manyflows", "bulk"} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				capture(b, dir+"/"+name+".pcap")
			}
		})
	}
}

func capture(b *testing.B, path string) {
	src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
	if err != nil {
		b.Skip(err)
	}
	defer src.Close()
	t := newTable(flow.Config{})
	stage := fragment.NewStage()
	batch := new(packet.Batch)
	var n int
	var spent [5]time.Duration
	last := cpuTime()
	lap := func(i int) {
		now := cpuTime()
		spent[i] += now - last
		last = now
	}
	for {
		if err := src.Next(batch); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			b.Fatal(err)
		}
		n += batch.N
		lap(0)
		decode.Batch(batch, batch.All())
		lap(1)
		in, credits := stage.Batch(batch, batch.All())
		lap(2)
		t.keys.Fill(batch, in)
		lap(3)
		t.Update(batch, in, t.keys, credits, &t.refs)
		lap(4)
	}
	t.Flush()
	lap(4)
	for i, unit := range []string{"read", "decode", "fragment", "keys", "update"} {
		b.ReportMetric(float64(spent[i])/float64(n), unit+"-ns/pkt")
	}
	var all time.Duration
	for _, d := range spent {
		all += d
	}
	b.ReportMetric(float64(n)/all.Seconds()/1e6, "Mpkt/CPU-s")
	b.ReportMetric(float64(t.sink.rows), "flows")
}
