package pcapfilter

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"

	"pkt/packet"
)

// mixedFrames returns a batch of frames such as a link carries: TCP and UDP over
// IPv4 and IPv6, and some ARP.
func mixedFrames() *packet.Batch {
	b := &packet.Batch{N: packet.BatchLen}
	var mem []byte
	seed := uint32(1)
	random := func(n uint32) uint32 {
		seed = seed*1664525 + 1013904223
		return seed >> 8 % n
	}
	for i := range packet.BatchLen {
		frame := make([]byte, 60+random(1400))
		ports := [...]uint16{80, 443, 53, 22, 123, 8080}
		src, dst := uint16(32768+random(28000)), ports[random(6)]
		if random(2) == 0 {
			src, dst = dst, src
		}
		proto := byte(6)
		if random(4) == 0 {
			proto = 17
		}
		at := 34
		switch n := random(100); {
		case n < 3:
			binary.BigEndian.PutUint16(frame[12:], 0x0806)
		case n < 20:
			binary.BigEndian.PutUint16(frame[12:], 0x86dd)
			frame[14], frame[20] = 0x60, proto
			at = 54
		default:
			binary.BigEndian.PutUint16(frame[12:], 0x0800)
			frame[14], frame[23] = 0x45, proto
			binary.BigEndian.PutUint32(frame[26:], 0xc0a80100|random(8))
			binary.BigEndian.PutUint32(frame[30:], 0x0a000000|random(1<<16))
		}
		if at+4 <= len(frame) {
			binary.BigEndian.PutUint16(frame[at:], src)
			binary.BigEndian.PutUint16(frame[at+2:], dst)
		}
		frame[47] = byte(random(32))
		b.Records[i] = packet.Record{Off: uint32(len(mem)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1}
		mem = append(mem, frame...)
	}
	b.Block = packet.NewBlock(mem, nil)
	return b
}

// benchFilters are the filters of the table in docs/PCAP-FILTER.md.
var benchFilters = []struct{ name, expr string }{
	{"tcp", "tcp"},
	{"host", "host 192.168.1.1"},
	{"port", "tcp port 80"},
	{"ports-not-net", "(port 80 or port 443 or port 8080) and not net 10.0.0.0/16"},
	{"flags-not-net", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 192.168"},
}

// BenchmarkFilter measures what one packet costs.
func BenchmarkFilter(b *testing.B) {
	batch := mixedFrames()
	for _, f := range benchFilters {
		b.Run(f.name, func(b *testing.B) {
			p, err := Compile(f.expr, Options{Link: 1})
			if err != nil {
				b.Fatal(err)
			}
			m := p.Matcher()
			all := batch.All()
			b.ReportAllocs()
			for b.Loop() {
				m.Filter(batch, all)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*packet.BatchLen), "ns/pkt")
		})
	}
}

// BenchmarkNetBPF measures the same programs in the machine of x/net/bpf.
func BenchmarkNetBPF(b *testing.B) {
	batch := mixedFrames()
	for _, f := range benchFilters {
		b.Run(f.name, func(b *testing.B) {
			p, err := Compile(f.expr, Options{Link: 1})
			if err != nil {
				b.Fatal(err)
			}
			code, _ := bpf.Disassemble(p.Raw())
			vm, err := bpf.NewVM(code)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for i := range packet.BatchLen {
					vm.Run(batch.Frame(i))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*packet.BatchLen), "ns/pkt")
		})
	}
}

// BenchmarkCompile measures what an expression costs.
func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("tcp port 80 and not net 10.0.0.0/16", Options{Link: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFilterAllocates(t *testing.T) {
	batch := mixedFrames()
	for _, f := range benchFilters {
		p, err := Compile(f.expr, Options{Link: 1})
		if err != nil {
			t.Fatal(err)
		}
		m := p.Matcher()
		all := batch.All()
		if n := testing.AllocsPerRun(10, func() { m.Filter(batch, all) }); n != 0 {
			t.Errorf("%s: %v allocations a batch", f.expr, n)
		}
	}
}
