package main

import (
	"encoding/binary"

	"pkt/internal/pkttest"
)

// bytesOf returns a header that is the same in front of every packet.
func bytesOf(parts ...[]byte) pkttest.Payload {
	var out pkttest.Payload
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// rareLinks returns link types that are seldom seen. Their headers are written
// out here, each as https://www.tcpdump.org/linktypes.html describes it.
func rareLinks() []linkKind {
	from, to := []byte{2, 0, 0, 0, 0, 1}, []byte{2, 0, 0, 0, 0, 2}
	snap := layers{pkttest.LLC{}, pkttest.SNAP{}}
	with := func(header pkttest.Payload, inside ...pkttest.Layer) layers {
		return append(layers{header}, inside...)
	}
	relay := []byte{0x18, 0x41, 0x03, 0xcc} // DLCI 100, unnumbered information, NLPID of IPv4
	return []linkKind{
		{"slip", 8, false, with(bytesOf([]byte{1, 0x45}, make([]byte, 14)))},
		{"token-ring", 6, false, with(bytesOf([]byte{0x10, 0x40}, to, from), snap...)},
		{"arcnet", 7, false, with(bytesOf([]byte{1, 2, 0xd4, 0, 0, 7}))},
		{"arcnet-linux", 129, false, with(bytesOf([]byte{1, 2, 0, 0, 0xd4, 0, 0, 7}))},
		{"fddi", 10, false, with(bytesOf([]byte{0x50}, to, from), snap...)},
		{"atm", 100, false, snap},
		{"sunatm", 123, false, with(bytesOf([]byte{0x02, 0, 0, 100}), snap...)},
		{"frame-relay", 107, false, with(bytesOf(relay))},
		{"frame-relay-direction", 206, false, with(bytesOf([]byte{1}, relay))},
		{"enc", 109, false, with(bytesOf([]byte{2, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0}))},
		{"pflog", 117, false, with(pflog())},
		{"prism", 119, false, append(with(prism(), pkttest.WiFi{ToDS: true}), snap...)},
		{"avs", 163, false, append(with(avs(), pkttest.WiFi{ToDS: true}), snap...)},
		{"ip-over-fc", 122, false, with(bytesOf([]byte{0x10, 0}, to, []byte{0x10, 0}, from), snap...)},
		{"ieee1394", 138, false, with(bytesOf([]byte{0, 0}, to, []byte{0, 0}, from, []byte{8, 0}))},
		{"ppp-direction", 204, true, with(bytesOf([]byte{0, 0xff, 0x03, 0x00, 0x57}))},
		{"cisco-hdlc-direction", 205, false, with(bytesOf([]byte{1, 0x0f, 0, 8, 0}))},
		{"ipoib", 242, false, with(bytesOf(make([]byte, 40), []byte{8, 0, 0, 0}))},
		{"pktap", 258, false, with(pktap(), pkttest.Ethernet{})},
	}
}

// pflog returns the header of OpenBSD's packet filter log: 61 bytes, as it
// counts them itself, and 3 of padding.
func pflog() pkttest.Payload {
	h := make(pkttest.Payload, 64)
	h[0], h[1] = 61, 2 // length, address family
	copy(h[4:], "em0")
	h[60] = 1 // direction: in
	return h
}

// prism returns the header of the first wireless drivers: a message of 144 bytes
// in the capturing host's byte order.
func prism() pkttest.Payload {
	h := make(pkttest.Payload, 144)
	binary.LittleEndian.PutUint32(h, 0x44)
	binary.LittleEndian.PutUint32(h[4:], 144)
	copy(h[8:], "wlan0")
	return h
}

// avs returns the header that followed Prism's: 64 bytes, big-endian.
func avs() pkttest.Payload {
	h := make(pkttest.Payload, 64)
	binary.BigEndian.PutUint32(h, 0x80211001)
	binary.BigEndian.PutUint32(h[4:], 64)
	return h
}

// pktap returns the header of Darwin's packet tap: which interface and which
// process, in front of an Ethernet frame.
func pktap() pkttest.Payload {
	h := make(pkttest.Payload, 108)
	put := binary.LittleEndian.PutUint32
	put(h, 108)
	put(h[4:], 1) // a packet follows
	put(h[8:], pkttest.LinkEthernet)
	copy(h[12:], "en0")
	put(h[40:], 2)  // address family
	put(h[44:], 14) // length of the link header
	put(h[52:], 4711)
	copy(h[56:], "curl")
	return h
}
