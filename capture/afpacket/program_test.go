package afpacket

import (
	"testing"
	"time"

	"golang.org/x/net/bpf"

	"pkt/filter/pcapfilter"
)

// TestCookedPrograms turns programs for cooked frames into those for the kernel:
// no load reaches into a header that is not there.
func TestCookedPrograms(t *testing.T) {
	for _, tt := range []struct {
		expr string
		link uint16
		ok   bool
	}{
		{"tcp port 80", linkSLL2, true},
		{"host 10.0.0.1 and udp", linkSLL, true},
		{"ip6 or arp", linkSLL2, true},
		{"inbound and icmp", linkSLL2, true},
		{"outbound", linkSLL, true},
		{"ifindex 3", linkSLL2, true},
		{"ip[8] < 5", linkSLL, true},
		{"link[12] = 2", linkSLL2, false}, // the address
		{"link[0:4] = 2", linkSLL2, false},
		{"link[1] = 2", linkSLL, false},
		{"len > 100", linkSLL2, false}, // without the header
	} {
		p, err := pcapfilter.Compile(tt.expr, pcapfilter.Options{Link: tt.link, Live: true, SnapLen: 1000})
		if err != nil {
			t.Fatal(err)
		}
		out, ok := cooked(p.Raw(), tt.link)
		if ok != tt.ok {
			t.Errorf("%s: %v, want %v", tt.expr, ok, tt.ok)
		}
		if !ok {
			continue
		}
		if len(out) != len(p.Raw()) {
			t.Errorf("%s: %d instructions of %d", tt.expr, len(out), len(p.Raw()))
		}
		for i, in := range out {
			was := p.Raw()[i]
			switch {
			case in.Op == retK && was.K != 0 && in.K != was.K-sll2Len && in.K != was.K-sllLen:
				t.Errorf("%s: returns %d for %d", tt.expr, in.K, was.K)
			case in != was && in.Op != was.Op:
				t.Errorf("%s: instruction %d is another one", tt.expr, i)
			}
		}
	}
}

// TestAssemble checks that programs lead to where they should, as far as the VM
// without the kernel's data can tell, and stay in their bounds.
func TestAssemble(t *testing.T) {
	own := []bpf.RawInstruction{ret(11)}
	for _, s := range []scope{{snapLen: 5}, {snapLen: 5, loopback: 1}, {snapLen: 5, dir: 1}, {snapLen: 5, dir: 2}, {snapLen: 5, dir: 2, loopback: 1}} {
		for _, several := range []bool{false, true} {
			s.several = several
			prog := assemble(s, []target{{Interface: Interface{Index: 3}, program: own}, {Interface: Interface{Index: 4}}, {Interface: Interface{Index: 5}, program: own}})
			for i, in := range prog {
				far := i + 1
				switch op := in.Disassemble().(type) {
				case bpf.JumpIf:
					far += int(max(op.SkipTrue, op.SkipFalse))
				case bpf.Jump:
					far += int(op.Skip)
				case bpf.RetConstant:
					continue
				}
				if far >= len(prog) {
					t.Errorf("%+v: instruction %d of %d leads to %d", s, i, len(prog), far)
				}
			}
		}
	}
}

// TestRingSize keeps to what the kernel asks for: whole pages, at least a few
// blocks, and time for slow packets.
func TestRingSize(t *testing.T) {
	for _, buffer := range []int{1, 1 << 10, 1 << 20, 2 << 20, 5_000_000, DefaultBuffer, 1 << 30} {
		blocks, size, retire := ringSize(buffer)
		if blocks < 4 || size%4096 != 0 || size < minBlock || retire < 10*time.Millisecond || retire > 100*time.Millisecond {
			t.Errorf("%d bytes: %d blocks of %d, %v", buffer, blocks, size, retire)
		}
		if total := blocks * size; buffer > 4*minBlock && (total > buffer || total < buffer/2) {
			t.Errorf("%d bytes: the ring has %d", buffer, total)
		}
	}
	if blocks, size, retire := ringSize(DefaultBuffer); blocks*size != DefaultBuffer || time.Duration(blocks)*retire < 2*time.Second {
		t.Errorf("by default: %d blocks of %d, %v", blocks, size, retire)
	}
}
