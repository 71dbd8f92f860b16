package dissect

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"pkt/capture/pcapfile"
	"pkt/internal/pkttest"
	"pkt/packet"
)

func TestFrame(t *testing.T) {
	frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{Src: "10.0.0.1", Dst: "10.0.0.2"},
		pkttest.UDP{SrcPort: 40000, DstPort: 53}, pkttest.DNSQuery(7, "www.example.com", pkttest.TypeA))
	short := string(Frame(nil, 1, frame, false))
	for _, want := range []string{"\n    IPv4  version 4, ", "src_ip 10.0.0.1", "\n    UDP  src_port 40000, ", `questions[0].name "www.example.com"`} {
		if !strings.Contains(short, want) {
			t.Errorf("%q is not in\n%s", want, short)
		}
	}
	if n := strings.Count(short, "\n"); n != 4 {
		t.Errorf("%d lines for 4 layers:\n%s", n, short)
	}
	long := string(Frame(nil, 1, frame, true))
	for _, want := range []string{"\n    IPv4\n      version: 4\n", "\n      dst_ip: 10.0.0.2\n", "\n      qr: false\n"} {
		if !strings.Contains(long, want) {
			t.Errorf("%q is not in\n%s", want, long)
		}
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{"SrcMAC": "src_mac", "TTL": "ttl", "DstIP": "dst_ip", "HardwareAddrSize": "hardware_addr_size",
		"PSH": "psh", "IPv4Flags": "ipv4_flags"} {
		if got := snake(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// Packets of every kind have layers, and each line is one of them.
func TestCaptures(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/pcaps/*/*.pcap*")
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	for _, path := range files {
		src, err := pcapfile.Open([]string{path}, pcapfile.Options{})
		if err != nil {
			continue // those of damage
		}
		var b packet.Batch
		if err := src.Next(&b); err != nil && err != io.EOF {
			t.Log(path, err)
		}
		for i := range b.N {
			for _, every := range []bool{false, true} {
				if out := string(Append(nil, &b, i, every)); !strings.HasPrefix(out, indent) || !strings.HasSuffix(out, "\n") {
					t.Errorf("%s packet %d: %q", path, i+1, out)
				}
			}
		}
		b.Reset()
		src.Close()
	}
}

// FuzzFrame writes the layers of any frame.
func FuzzFrame(f *testing.F) {
	f.Add(uint16(1), pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{DstPort: 53}, pkttest.DNSQuery(7, "a.b", pkttest.TypeA)))
	f.Add(uint16(1), pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv6{}, pkttest.TCP{DstPort: 443}, pkttest.Payload(pkttest.ClientHello("a.b", "h2"))))
	f.Fuzz(func(t *testing.T, link uint16, frame []byte) {
		if out := Frame(nil, link, frame, len(frame)%2 == 0); len(out) > 1<<20 {
			t.Errorf("%d bytes for a frame of %d", len(out), len(frame))
		}
	})
}
