package filter

import (
	"testing"
	"time"

	"pkt/field"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// full returns a decoded batch of packet.BatchLen frames of mixed traffic.
func full() *packet.Batch {
	var frames [][]byte
	for i := range packet.BatchLen {
		src, dst := "10.0.0.1", "10.0.0.2"
		if i%7 == 0 {
			src = "192.168.1.9"
		}
		port := uint16([]int{443, 80, 53, 22, 8443}[i*i%5])
		layers := []pkttest.Layer{pkttest.Ethernet{}, pkttest.IPv4{Src: src, Dst: dst, TTL: uint8(50 + i%20)}}
		if i%5 == 2 {
			layers[1] = pkttest.IPv6{}
		}
		if port == 53 {
			layers = append(layers, pkttest.UDP{SrcPort: uint16(30000 + i), DstPort: port}, pkttest.Zeros(i%90))
		} else {
			layers = append(layers, pkttest.TCP{SrcPort: uint16(30000 + i), DstPort: port, Flags: uint16(i*i) & 31}, pkttest.Zeros(i*i%1400))
		}
		frames = append(frames, pkttest.Frame(layers...))
	}
	return batchOf(1, frames...)
}

// lowered are expressions without expr's VM.
var lowered = []struct{ name, text string }{
	{"Column", `has(dst_port)`}, // what reading alone costs
	{"Port", `dst_port == 443`},
	{"PortLen", `dst_port == 443 && len > 100`},
	{"Ports", `dst_port in [80, 443, 8443, 22]`},
	{"EitherPort", `443 in [src_port, dst_port]`},
	{"Net", `src_ip in "10.0.0.0/8"`},
	{"NetPort", `src_ip in "10.0.0.0/8" && dst_port < 1024`},
	{"Flags", `tcp.flags.syn && !tcp.flags.ack`},
	{"Proto", `proto == "tcp" && len > 1kB`},
	{"Fields", `src_port > dst_port`},
	{"Arith", `len - payload_len > 60`},
	{"Or", `dst_port == 53 || ttl < 60 || len > 1400`},
	{"Text", `iface == "eth0"`},
	{"Host", `host == "10.0.0.2"`},
}

func BenchmarkFilter(b *testing.B) {
	batch := full()
	all := batch.All()
	for _, x := range lowered {
		p, err := Compile(x.text, packets())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				p.Filter(batch, all)
			}
			perPacket(b, before)
		})
	}
}

// BenchmarkVM measures what runs on expr's VM: with results that repeat, and
// with ones that do not.
func BenchmarkVM(b *testing.B) {
	batch := full()
	for _, x := range []struct{ name, text string }{
		{"Repeated", `upper(iface) == "ETH0"`}, {"Fresh", `ts.Nanosecond() % 7 == 0`},
	} {
		p, err := Compile(x.text, packets())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				p.Filter(batch, batch.All())
				for i := range batch.N {
					batch.Records[i].Nanos += 512e6
				}
			}
			perPacket(b, before)
		})
	}
}

func BenchmarkKey(b *testing.B) {
	batch := full()
	for _, x := range []struct{ name, text string }{
		{"Bucket", `bucket(len, 64)`}, {"Net", `net(src_ip, 24)`}, {"Choose", `dst_port < 1024 ? string(dst_port) : "high"`},
		{"Text", `string(net(src_ip, 16)) + " " + proto`}, {"VM", `upper(iface)`},
	} {
		k, err := CompileKey(Item{Text: x.text, Expr: x.text}, packets())
		if err != nil {
			b.Fatal(err)
		}
		var v field.Vector
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				k.Col(batch, batch.All(), &v)
			}
			perPacket(b, before)
		})
	}
}

// perPacket reports the processor time that was used since before.
func perPacket(b *testing.B, before time.Duration) {
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N*packet.BatchLen), "ns/pkt")
}

func TestAllocations(t *testing.T) {
	batch := full()
	all := batch.All()
	for _, x := range lowered {
		p, err := Compile(x.text, packets())
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(20, func() { p.Filter(batch, all) }); n != 0 {
			t.Errorf("%s: %v allocations a batch", x.text, n)
		}
	}
	for _, text := range []string{`bucket(len, 64)`, `string(net(src_ip, 16)) + " " + proto`, `upper(iface)`, `dst_port < 1024 ? string(dst_port) : "high"`, `len > 60`} {
		k, err := CompileKey(Item{Text: text, Expr: text}, packets())
		if err != nil {
			t.Fatal(err)
		}
		var v field.Vector
		if n := testing.AllocsPerRun(20, func() { k.Col(batch, all, &v) }); n != 0 {
			t.Errorf("%s: %v allocations a batch", text, n)
		}
	}
}
