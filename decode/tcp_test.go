package decode

import (
	"testing"

	"pkt/internal/pkttest"
)

func TestTCPOptions(t *testing.T) {
	timestamps := Options{Has: OptTimestamps, TSVal: 0x01020304, TSEcr: 0x05060708}
	tests := []struct {
		name  string
		bytes []byte
		want  Options
	}{
		{"none", nil, Options{}},
		{"of a SYN", pkttest.Options(pkttest.MSS(1460), pkttest.SACKPermitted(), pkttest.WindowScale(7)),
			Options{Has: OptMSS | OptSACKPermitted | OptScale, MSS: 1460, Scale: 7}},
		{"timestamps, aligned", []byte{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}, timestamps},
		{"timestamps, not aligned", []byte{8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1}, timestamps},
		{"timestamps twice", []byte{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 9, 9, 9, 9, 9, 9, 9, 9, 1, 1}, timestamps},
		{"SACK", pkttest.SACK(1, 2, 3, 4, 5, 6), Options{NumSACK: 3, SACK: [4]SACK{{1, 2}, {3, 4}, {5, 6}}}},
		{"end in front of an option", []byte{0, 2, 4, 5, 6, 0, 0, 0}, Options{}},
		{"length 0", []byte{2, 0, 2, 4}, Options{}},
		{"length beyond the header", []byte{3, 3, 9, 2, 5, 1, 1, 1}, Options{Has: OptScale, Scale: 9}},
		{"length of another kind", []byte{2, 3, 9, 3, 3, 9, 0, 0}, Options{Has: OptScale, Scale: 9}},
	}
	for _, tt := range tests {
		frame := pkttest.Frame(pkttest.IPv4{}, pkttest.TCP{Options: tt.bytes})
		l := check(t, linkRaw, frame, uint32(len(frame)), false)
		h, ok := TCPOf(frame, &l)
		if got := h.Options(); !ok || got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		val, ecr, ok := h.Timestamps()
		if ok != (tt.want.Has&OptTimestamps != 0) || val != tt.want.TSVal || ecr != tt.want.TSEcr {
			t.Errorf("%s: timestamps %x, %x, %v", tt.name, val, ecr, ok)
		}
	}
}

func TestFlags(t *testing.T) {
	for flags, want := range map[Flags]string{0: "none", SYN: "S", SYN | ACK: "S.", FIN | PSH | ACK: "FP.", RST | ACK: "R.", NS | CWR | ECE | SYN: "SEWe", URG | ACK: ".U"} {
		if got := string(flags.Append(nil)); got != want {
			t.Errorf("%09b is %q, want %q", flags, got, want)
		}
	}
}

func TestTCPView(t *testing.T) {
	frame := pkttest.Frame(pkttest.IPv4{}, pkttest.TCP{SrcPort: 1, DstPort: 2, Seq: 3, Ack: 4, Window: 5, Urgent: 6, Flags: pkttest.SYN | pkttest.URG})
	l := check(t, linkRaw, frame, uint32(len(frame)), false)
	h, _ := TCPOf(frame, &l)
	if h.SrcPort() != 1 || h.DstPort() != 2 || h.Seq() != 3 || h.Ack() != 4 || h.Window() != 5 || h.Urgent() != 6 || h.Flags() != SYN|URG {
		t.Errorf("%v, urgent %d", h, h.Urgent())
	}
	if got, want := h.String(), "1 > 2 [SU] seq 3 ack 4 win 5"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, ok := AsTCP(frame[ipv4MinLen : len(frame)-1]); ok {
		t.Error("a view of 19 bytes")
	}
}
