package pcapfilter

import (
	"strings"
	"testing"

	"pkt/packet"
)

// stripTag takes the VLAN tag out of an Ethernet frame, as the Linux kernel
// does, and returns what it knows of it.
func stripTag(frame []byte) (rest []byte, ext map[uint32]uint32) {
	ext = map[uint32]uint32{extVLANPresent: 0, extVLANTag: 0, extPacketType: 0, extIfIndex: 3}
	if len(frame) < 18 {
		return frame, ext
	}
	switch uint32(frame[12])<<8 | uint32(frame[13]) {
	case etherVLAN, etherQinQ:
		ext[extVLANPresent] = 1
		ext[extVLANTag] = uint32(frame[14])<<8 | uint32(frame[15])
		rest = append(append(rest, frame[:12]...), frame[16:]...)
		return rest, ext
	}
	return frame, ext
}

// TestLiveVLAN checks that a program for the kernel says of a frame without its
// tag what a program for files says of the frame with it.
func TestLiveVLAN(t *testing.T) {
	all := captures(t)
	tested := 0
	for _, e := range corpus(t, "expressions.tsv") {
		expr := unescape(e[3])
		// Only behind "vlan" do a tag in the frame and one out of it look the
		// same, and link-layer fields never do.
		if !strings.HasPrefix(expr, "vlan") || strings.Contains(expr, " or ") || strings.Contains(expr, "||") ||
			strings.Contains(expr, "link") || strings.Contains(expr, "ether[") {
			continue
		}
		inFile, err := Compile(expr, Options{Link: 1})
		if err != nil {
			continue
		}
		live, err := Compile(expr, Options{Link: 1, Live: true})
		if err != nil {
			if !strings.Contains(expr, "protochain") {
				t.Errorf("%s: %v", expr, err)
			}
			continue
		}
		for _, c := range all {
			if c.link != linkTypeEthernet {
				continue
			}
			for i, f := range c.frames {
				rest, ext := stripTag(f)
				want := run(inFile.Raw(), f, c.wireLens[i])
				if got := runLive(live.Raw(), rest, c.wireLens[i], ext); got != want && !strings.Contains(expr, "len") {
					t.Errorf("%s, %s packet %d: %v without its tag, %v with it", expr, c.name, i+1, got, want)
				}
				if got := live.Matcher().Match(f, c.wireLens[i]); got != want {
					t.Errorf("%s, %s packet %d: %v live with the tag in the frame, %v in a file", expr, c.name, i+1, got, want)
				}
				tested++
			}
		}
	}
	t.Logf("%d packets compared", tested)
}

// TestDirection checks what files cannot tell, and a Matcher is told.
func TestDirection(t *testing.T) {
	if _, err := Compile("inbound", Options{Link: 1}); err == nil {
		t.Error("inbound compiles for a file")
	}
	out, err := Compile("outbound", Options{Link: 1, Live: true})
	if err != nil {
		t.Fatal(err)
	}
	b := mixedFrames()
	b.Records[3].Dir = packet.DirOut
	b.Records[4].Dir = packet.DirIn
	got := out.Matcher().Filter(b, b.All())
	if got.Len() != 1 || !got.Has(3) {
		t.Errorf("outbound matches %d packets", got.Len())
	}
	index, err := Compile("ifindex 3", Options{Link: 1, Live: true})
	if err != nil {
		t.Fatal(err)
	}
	if !runLive(index.Raw(), make([]byte, 60), 60, map[uint32]uint32{extIfIndex: 3}) {
		t.Error("ifindex 3 does not match")
	}
}
