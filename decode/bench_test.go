package decode

import (
	"testing"

	"pkt/internal/pkttest"
	"pkt/packet"
)

// benchFrames are the kinds of frames whose decoding is measured.
func benchFrames() map[string][]byte {
	ip4 := pkttest.IPv4{Src: "10.1.2.3", Dst: "10.9.8.7"}
	ip6 := pkttest.IPv6{Src: "2001:db8::1", Dst: "2001:db8::2"}
	tcp := pkttest.TCP{SrcPort: 40000, DstPort: 443, Flags: pkttest.ACK, Options: pkttest.Timestamps(1, 2)}
	udp := pkttest.UDP{SrcPort: 40000, DstPort: 53}
	body := pkttest.Zeros(64)
	return map[string][]byte{
		"TCP4":  pkttest.Frame(pkttest.Ethernet{}, ip4, tcp, body),
		"UDP6":  pkttest.Frame(pkttest.Ethernet{}, ip6, udp, body),
		"VLAN":  pkttest.Frame(pkttest.Ethernet{}, pkttest.VLAN{ID: 7}, ip4, tcp, body),
		"VXLAN": pkttest.Frame(pkttest.Ethernet{}, ip4, pkttest.UDP{SrcPort: 40000}, pkttest.VXLAN{VNI: 7}, pkttest.Ethernet{}, ip4, tcp, body),
	}
}

// benchBatch returns a batch that is filled with the frames in turn.
func benchBatch(frames ...[]byte) *packet.Batch {
	b := &packet.Batch{Ifaces: []packet.Iface{{Link: linkEthernet}}}
	var mem []byte
	for i := range packet.BatchLen {
		f := frames[i%len(frames)]
		b.Records[i] = packet.Record{Nanos: int64(i), Off: uint32(len(mem)), CapLen: uint32(len(f)), WireLen: uint32(len(f)), Link: linkEthernet}
		mem = append(mem, f...)
	}
	b.N = packet.BatchLen
	b.Block = packet.NewBlock(mem, nil)
	b.Block.Retain()
	return b
}

func BenchmarkBatch(b *testing.B) {
	frames := benchFrames()
	var mixed [][]byte
	for _, name := range []string{"TCP4", "UDP6", "VLAN", "TCP4", "TCP4", "VXLAN", "UDP6", "TCP4"} {
		mixed = append(mixed, frames[name])
	}
	run := func(name string, frames ...[]byte) {
		b.Run(name, func(b *testing.B) {
			batch := benchBatch(frames...)
			all := batch.All()
			b.ReportAllocs()
			for b.Loop() {
				Batch(batch, all)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*packet.BatchLen), "ns/pkt")
		})
	}
	for _, name := range []string{"TCP4", "UDP6", "VLAN", "VXLAN"} {
		run(name, frames[name])
	}
	run("mixed", mixed...)
}

// BenchmarkGeneral measures TCP4 without the way for common packets.
func BenchmarkGeneral(b *testing.B) {
	frame := benchFrames()["TCP4"]
	var l packet.Layers
	for b.Loop() {
		general(linkEthernet, frame, uint32(len(frame)), false, &l, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pkt")
}
