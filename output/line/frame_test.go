package line

import (
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"time"

	"pkt/decode"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// one returns the line about one frame, without its end.
func one(opt Options, link uint16, frame []byte) string {
	opt.Clock = NewClock(StampNone, time.UTC, false)
	b := packet.Batch{Block: packet.NewBlock(frame, nil), N: 1}
	b.Records[0] = packet.Record{CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: link}
	decode.Batch(&b, b.All())
	return strings.TrimSuffix(string(New(io.Discard, opt).append(nil, &b, 0)), "\n")
}

// bytesOf reads bytes in hexadecimal, with blanks between them, and text in
// quotes.
func bytesOf(t *testing.T, s string) (b []byte) {
	t.Helper()
	for i, part := range strings.Split(s, `'`) {
		if i%2 == 1 {
			b = append(b, part...)
			continue
		}
		raw, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, raw...)
	}
	return b
}

// Frames that carry no IP packet are named, and say who or what they are about.
func TestFrames(t *testing.T) {
	const macs = "0180c200000e 020000000001 "
	tests := []struct {
		link  uint16
		frame string
		want  string
	}{
		// LLDP: chassis, port, time to live, port description, system name.
		{1, macs + "88cc 0207 04 020000000001 0405 05'eth1' 0602 0078 0806'uplink' 0a03'sw1' 0000",
			"LLDP, length 35, port id eth1, port uplink: sw1"},
		{1, macs + "88cc 0a05'a" + "'1b'[2J'", "LLDP, length 7: a\\x1b[2J"},
		// CDP: version 2, time to live 180, checksum; device and port.
		{1, "01000ccccccc 020000000001 0021 aaaa03 00000c 2000 02b4 0000 0001 0007'S'2d31 0003 0008'Fa0'2f",
			"CDPv2, ttl: 180s, Device-ID 'S-1', Port-ID 'Fa0/', length 19"},
		// STP: configuration.
		{1, "0180c2000000 020000000001 0026 424203 0000 00 00 00 8000 020000000001 00000004 8001 020000000002 8003 0000 1400 0200 0f00",
			"STP 802.1d, Config, bridge-id 8001.02:00:00:00:00:02.8003, root 8000.02:00:00:00:00:01, cost 4, length 38"},
		{1, macs + "888e 02 03 0005 0102030405", "EAPOL key, version 2, length 9"},
		{1, macs + "8809 01 01", "LACP, length 2"},
		{1, macs + "8863 11 09 0000 0004 01010000", "PPPoE PADI [ses 0x0] length 10"},
		{1, macs + "8864 11 00 0009 0006 c021 0101 0004", "PPPoE  [ses 0x9] PPP LCP, Conf-Request, id 1, length 6"},
		{51, "11 07 0000 0004 01010000", "PPPoE PADO [ses 0x0] length 4"},
		{1, macs + "1234 00", "02:00:00:00:00:01 > 01:80:c2:00:00:0e, ethertype Unknown (0x1234), length 1"},
		{1, macs + "8847 0001e1ff 45", "MPLS (label 30, tc 0, [S], ttl 255) "},
		// A beacon of 802.11.
		{105, "8000 0000 ffffffffffff 020000000003 020000000003 0000 0000000000000000 6400 0104 0004'home'", "802.11 Beacon (home), length 42"},
		{105, "d400 0000 020000000003", "802.11 Acknowledgment, length 10"},
		{105, "0842 0000 ffffffffffff 020000000003 020000000001 0000 00", "802.11 Data, encrypted, length 25"},
		{104, "8f00 8035 00000002 00000001 00000000 ffff", "SLARP, keepalive, length 14"},
		{147, "00", "link type 147, length 1"},
	}
	for _, test := range tests {
		got := one(Options{Numeric: true}, test.link, bytesOf(t, test.frame))
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("%s\nis  %s\nnot %s", test.frame, got, test.want)
		}
	}
}

// What a sender writes reaches nobody's terminal as it is.
func TestEscapes(t *testing.T) {
	evil := "\x1b]0;owned\x07\u202e"
	ip := []pkttest.Layer{pkttest.Ethernet{}, pkttest.IPv4{}}
	frames := map[string][]byte{
		"http":   pkttest.Frame(append(ip, pkttest.TCP{SrcPort: 4000, DstPort: 80}, pkttest.Payload("GET /"+evil+" HTTP/1.1\r\nHost: "+evil+"\r\n\r\n"))...),
		"ftp":    pkttest.Frame(append(ip, pkttest.TCP{SrcPort: 4000, DstPort: 21}, pkttest.Payload("USER \x9b"+"1m\u202e\r\n"))...),
		"dns":    pkttest.Frame(append(ip, pkttest.UDP{SrcPort: 4000, DstPort: 53}, pkttest.DNSQuery(1, evil, pkttest.TypeA))...),
		"tls":    pkttest.Frame(append(ip, pkttest.TCP{SrcPort: 4000, DstPort: 443}, pkttest.Payload(pkttest.ClientHello(evil, evil)))...),
		"syslog": pkttest.Frame(append(ip, pkttest.UDP{SrcPort: 4000, DstPort: 514}, pkttest.Payload("<13>\u202e\u0085"))...),
	}
	for name, frame := range frames {
		for details := Brief; details <= Headers; details++ {
			for _, r := range one(Options{Details: details}, 1, frame) {
				if r != '\n' && (r < 0x20 || r >= 0x7f) {
					t.Errorf("%s: %q in the line", name, r)
				}
			}
		}
	}
}

// Colour is around a line and around its time; the words are the same.
func TestColor(t *testing.T) {
	frame := pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.TCP{SrcPort: 4000, DstPort: 80, Flags: pkttest.RST})
	plain, colored := one(Options{}, 1, frame), one(Options{Color: true}, 1, frame)
	if !strings.Contains(colored, "\x1b[31m"+plain+"\x1b[0m") {
		t.Errorf("%q, plain %q", colored, plain)
	}
}
