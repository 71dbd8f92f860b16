package sockdiag

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

func TestParseProcRaw(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the line is of a little-endian machine")
	}
	line := "    1: 0100007F:0001 00000000:0000 07 00000000:00000300 00:00000000 00000000  1000        0 22418 2 0000 0"
	s, ok := parseProcRaw(line)
	want := Socket{Proto: Raw, State: Close, Protocol: 1, Inode: 22418, UID: 1000, RecvQ: 0x300,
		Local: netip.MustParseAddrPort("127.0.0.1:0"), Remote: netip.MustParseAddrPort("0.0.0.0:0")}
	if !ok || s != want {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if _, ok := parseProcRaw("sl local_address"); ok {
		t.Error("a header is taken for a socket")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(make([]byte, inetMsgLen), "0: 0100007F:0001 0:0 07")
	f.Add(append([]byte{familyInet6}, make([]byte, 100)...), "")
	f.Fuzz(func(t *testing.T, b []byte, line string) {
		for proto := range NumProtos {
			if s, ok := parseInet(b, proto); ok && (s.State >= NumStates || s.Timer >= NumTimers || !s.Local.IsValid()) {
				t.Errorf("%+v", s)
			}
		}
		if s, ok := parseUnix(b); ok && s.State >= NumStates {
			t.Errorf("%+v", s)
		}
		parsePacket(b)
		if s, ok := parseProcRaw(line); ok && s.State >= NumStates {
			t.Errorf("%+v", s)
		}
	})
}
