package conntrack

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

// attribute returns a netlink attribute with its padding.
func attribute(typ uint16, data ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(data)))
	b = append(binary.NativeEndian.AppendUint16(b, typ), data...)
	return append(b, make([]byte, -len(b)&3)...)
}

func join(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// tupleOf returns the attribute of a tuple of TCP.
func tupleOf(typ uint16, src, dst string) []byte {
	const nested = 1 << 15
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	from := uint16(ipV4Src)
	if s.Addr().Is6() {
		from = ipV6Src
	}
	port := func(typ, n uint16) []byte { return attribute(typ, byte(n>>8), byte(n)) }
	return attribute(nested|typ, join(
		attribute(nested|tupleIP, join(attribute(from, s.Addr().AsSlice()...), attribute(from+1, d.Addr().AsSlice()...))...),
		attribute(nested|tupleProto, join(attribute(protoNum, 6), port(protoSrc, s.Port()), port(protoDst, d.Port()))...),
	)...)
}

func message(src, dst, replySrc, replyDst string, status uint32) []byte {
	return join([]byte{2, 0, 0, 0}, tupleOf(attrOriginal, src, dst), tupleOf(attrReply, replySrc, replyDst),
		attribute(attrStatus, binary.BigEndian.AppendUint32(nil, status)...))
}

func TestParse(t *testing.T) {
	masqueraded := message("10.8.0.2:4000", "192.0.2.1:80", "192.0.2.1:80", "198.51.100.1:5000", 1<<4|1<<3)
	c, ok := parse(msgNew, masqueraded)
	want := Connection{
		Original:   Tuple{netip.MustParseAddrPort("10.8.0.2:4000"), netip.MustParseAddrPort("192.0.2.1:80"), 6},
		Reply:      Tuple{netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("198.51.100.1:5000"), 6},
		Translated: true,
	}
	if !ok || c != want {
		t.Errorf("got %+v %v, want %+v", c, ok, want)
	}
	want.Gone = true
	if c, ok := parse(msgDelete, masqueraded); !ok || c != want {
		t.Errorf("at its end: %+v %v", c, ok)
	}
	c, ok = parse(msgNew, message("[fd00::1]:4000", "[fd00::2]:80", "[fd00::2]:80", "[fd00::1]:4000", 1<<3))
	if !ok || c.Translated || c.Original.Src != netip.MustParseAddrPort("[fd00::1]:4000") {
		t.Errorf("IPv6: %+v %v", c, ok)
	}
	for n := range masqueraded { // the status comes last
		if c, ok := parse(msgNew, masqueraded[:n]); ok && c.Translated {
			t.Errorf("the first %d bytes give %+v", n, c)
		}
	}
	if _, ok := parse(msgGet, masqueraded); ok {
		t.Error("a question is taken for an answer")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(uint16(msgNew), message("10.8.0.2:4000", "192.0.2.1:80", "192.0.2.1:80", "198.51.100.1:5000", 1<<4))
	f.Add(uint16(msgDelete), message("[fd00::1]:4000", "[fd00::2]:80", "[fd00::3]:81", "[fd00::1]:4000", 1<<5))
	f.Fuzz(func(t *testing.T, typ uint16, b []byte) {
		c, ok := parse(typ, b)
		if ok && (!c.Original.whole() || !c.Reply.whole() || c.Gone != (typ == msgDelete)) {
			t.Errorf("%+v", c)
		}
	})
}
