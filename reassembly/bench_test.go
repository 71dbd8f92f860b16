package reassembly_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/ip4defrag"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	gopackets "github.com/gopacket/gopacket/reassembly"

	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/meter"
	"pkt/packet"
	"pkt/reassembly"
)

// transfer makes batches of segments of a few long transfers, in place and without end.
type transfer struct {
	batch *packet.Batch
	size  uint32
	swap  bool // every second segment comes before the one in front of it
	seq   [8]uint32
}

func newTransfer(size int, swap bool) *transfer {
	var list []pkttest.Packet
	for i := range packet.BatchLen {
		list = append(list, pkttest.At(0, pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{},
			pkttest.TCP{SrcPort: 50000 + uint16(i%8), DstPort: 80, Flags: pkttest.ACK}, pkttest.Zeros(size))))
	}
	return &transfer{batch: batchOf(list), size: uint32(size), swap: swap}
}

// next fills the batch.
func (t *transfer) next() *packet.Batch {
	for i := range t.batch.N {
		r := &t.batch.Records[i]
		f := i % 8
		seq := t.seq[f]
		t.seq[f] += t.size
		if t.swap && i/8%2 == 0 {
			seq += t.size
		} else if t.swap {
			seq -= t.size
		}
		binary.BigEndian.PutUint32(t.batch.Block.Bytes[r.Off+14+20+4:], seq)
	}
	return t.batch
}

// BenchmarkSegments measures the assembler alone, behind the flow table.
func BenchmarkSegments(b *testing.B) {
	for _, size := range []int{20, 1448} {
		for _, swap := range []bool{false, true} {
			for _, sums := range []reassembly.Checksum{reassembly.Off, reassembly.Auto} {
				b.Run(fmt.Sprintf("%d/swap=%v/checksum=%s", size, swap, reassembly.ChecksumNames[sums]), func(b *testing.B) {
					p := newPipeline(reassembly.Config{Checksum: sums}, flow.Config{}, &counter{})
					t := newTransfer(size, swap)
					p.batch(t.next())
					b.ReportAllocs()
					start := cpuTime()
					var spent int64
					for b.Loop() {
						batch := t.next()
						p.keys.Fill(batch, batch.All())
						p.table.Update(batch, batch.All(), p.keys, nil, &p.refs)
						from := cpuTime()
						p.a.Batch(batch, batch.All(), nil, &p.refs)
						spent += int64(cpuTime() - from)
					}
					_ = start
					b.ReportMetric(float64(spent)/float64(b.N)/packet.BatchLen, "ns/pkt")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

// TestAllocations holds that segments in order, and those that wait for a moment, cost no
// allocation.
func TestAllocations(t *testing.T) {
	for _, swap := range []bool{false, true} {
		c := &counter{}
		p := newPipeline(reassembly.Config{}, flow.Config{}, c)
		x := newTransfer(1448, swap)
		for range 20 {
			p.batch(x.next())
		}
		before := c.bytes
		if n := testing.AllocsPerRun(50, func() { p.batch(x.next()) }); n > 0 {
			t.Errorf("swap=%v: %v allocations a batch", swap, n)
		}
		if want := int64(51 * packet.BatchLen * 1448); c.bytes-before != want {
			t.Errorf("swap=%v: %d bytes, want %d", swap, c.bytes-before, want)
		}
	}
}

// BenchmarkCapture runs generated captures through reader, decoder, flow table and assembler, and
// through gopacket's reassembly behind the same reader. It reports processor time. PKT_BENCH is the
// folder of the captures.
func BenchmarkCapture(b *testing.B) {
	dir := os.Getenv("PKT_BENCH")
	if dir == "" {
		b.Skip("PKT_BENCH names no folder of captures")
	}
	for _, name := range []string{"mixed", "bulk"} {
		path := dir + "/" + name + ".pcap"
		for _, sums := range []reassembly.Checksum{reassembly.Off, reassembly.Auto} {
			b.Run(name+"/pkt/checksum="+reassembly.ChecksumNames[sums], func(b *testing.B) {
				for range b.N {
					m := meter.New(meter.Config{Flows: &flow.Config{}})
					c := &counter{}
					m.Add(reassembly.New(reassembly.Config{Checksum: sums}, m.Flows(), c))
					timed(b, func() {
						readFile(b, path, m)
						m.Finish()
					}, &c.bytes)
				}
			})
		}
		b.Run(name+"/gopacket", func(b *testing.B) {
			for range b.N {
				g := newGopacketWorker()
				timed(b, func() {
					readFile(b, path, g)
					g.assembler.FlushAll()
				}, &g.bytes)
			}
		})
	}
}

// BenchmarkGopacket runs the captures through gopacket alone, as its own example does: its reader,
// packets made lazily without copies, fragments put together.
func BenchmarkGopacket(b *testing.B) {
	dir := os.Getenv("PKT_BENCH")
	if dir == "" {
		b.Skip("PKT_BENCH names no folder of captures")
	}
	for _, name := range []string{"mixed", "bulk"} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				g := newGopacketWorker()
				timed(b, func() { g.read(b, dir+"/"+name+".pcap") }, &g.bytes)
			}
		})
	}
}

// read runs a file through gopacket.
func (g *gopacketWorker) read(b *testing.B, path string) {
	f, err := os.Open(path)
	if err != nil {
		b.Skip(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		b.Fatal(err)
	}
	src := gopacket.NewPacketSource(r, r.LinkType())
	src.DecodeOptions = gopacket.DecodeOptions{Lazy: true, NoCopy: true}
	for {
		p, err := src.NextPacket()
		if err != nil {
			break
		}
		if ip, ok := p.NetworkLayer().(*layers.IPv4); ok {
			whole, err := g.defrag.DefragIPv4(ip)
			if err != nil || whole == nil {
				continue
			}
		}
		if tcp, ok := p.TransportLayer().(*layers.TCP); ok {
			g.assembler.Assemble(p.NetworkLayer().NetworkFlow(), tcp)
		}
	}
	g.assembler.FlushAll()
}

// timed reports what do took, and how many bytes of content it found.
func timed(b *testing.B, do func(), bytes *int64) {
	start := cpuTime()
	do()
	b.ReportMetric((cpuTime() - start).Seconds(), "CPU-s")
	b.ReportMetric(float64(*bytes)/1e6, "MB")
	b.ReportMetric(0, "ns/op")
}

// gopacketWorker is gopacket's reassembly as its users run it, but behind pkt's reader: a layer parser
// without allocations, fragments, and a stream that only counts.
type gopacketWorker struct {
	eth       layers.Ethernet
	vlan      layers.Dot1Q
	ip4       layers.IPv4
	ip6       layers.IPv6
	tcp       layers.TCP
	parser    *gopacket.DecodingLayerParser
	defrag    *ip4defrag.IPv4Defragmenter
	assembler *gopackets.Assembler
	found     []gopacket.LayerType
	bytes     int64
}

func newGopacketWorker() *gopacketWorker {
	g := &gopacketWorker{defrag: ip4defrag.NewIPv4Defragmenter()}
	g.parser = gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &g.eth, &g.vlan, &g.ip4, &g.ip6, &g.tcp)
	g.parser.IgnoreUnsupported = true
	g.assembler = gopackets.NewAssembler(gopackets.NewStreamPool(g))
	g.assembler.MaxBufferedPagesTotal, g.assembler.MaxBufferedPagesPerConnection = 100_000, 4096
	return g
}

// New implements gopackets.StreamFactory.
func (g *gopacketWorker) New(_, _ gopacket.Flow, _ *layers.TCP, _ gopackets.AssemblerContext) gopackets.Stream {
	return g
}

// Accept implements gopackets.Stream.
func (g *gopacketWorker) Accept(_ *layers.TCP, _ gopacket.CaptureInfo, _ gopackets.TCPFlowDirection, _ gopackets.Sequence, start *bool, _ gopackets.AssemblerContext) bool {
	*start = true
	return true
}

// ReassembledSG implements gopackets.Stream.
func (g *gopacketWorker) ReassembledSG(sg gopackets.ScatterGather, _ gopackets.AssemblerContext) {
	n, _ := sg.Lengths()
	g.bytes += int64(n)
}

// ReassemblyComplete implements gopackets.Stream.
func (g *gopacketWorker) ReassemblyComplete(gopackets.AssemblerContext) bool { return true }

// Prepare implements engine.Worker.
func (g *gopacketWorker) Prepare(*packet.Batch, *struct{}) {}

// Consume implements engine.Worker.
func (g *gopacketWorker) Consume(b *packet.Batch, _ *struct{}) error {
	for i := range b.N {
		if g.parser.DecodeLayers(b.Frame(i), &g.found) != nil || len(g.found) == 0 {
			continue
		}
		if g.found[len(g.found)-1] != layers.LayerTypeTCP {
			continue
		}
		var net gopacket.Flow
		for _, l := range g.found {
			switch l {
			case layers.LayerTypeIPv4:
				net = g.ip4.NetworkFlow()
			case layers.LayerTypeIPv6:
				net = g.ip6.NetworkFlow()
			}
		}
		g.assembler.Assemble(net, &g.tcp)
	}
	return nil
}
