package pcapfilter

import (
	"encoding/binary"

	"pkt/packet"
)

// Matcher runs a program on packets in memory. It holds no state, so that one
// serves any number of goroutines.
//
// It keeps to what the kernel and libpcap do: a load beyond the captured bytes
// and a division by zero reject the packet, scratch memory is 0 at the start,
// arithmetic wraps around. Of the kernel's ancillary data it knows the
// direction; VLAN tags are in the frame, and interfaces have no number.
type Matcher struct {
	code   []step
	screen screen
}

// step is an instruction, or two or three that were fused. Where a fused step
// stands, the instructions behind it are still there for jumps to them.
type step struct {
	op     stepOp
	yes    uint16 // next step if a comparison holds; else, and always without one, no
	no     uint16
	k      uint32 // operand: offset of a load, constant of an operation
	mask   uint32 // offset of the second load, or mask
	equals uint32 // constant of a comparison
}

// stepOp is what a step does. The letters B, H and W are the sizes of a load
// of 1, 2 and 4 bytes.
type stepOp uint8

// Steps that most packets take are fused: a load, perhaps a mask, and a
// comparison.
const (
	stepReturn     stepOp = iota // equals: what to return
	stepLoadBEq                  // A = byte at k; A == equals
	stepLoadHEq                  //
	stepLoadWEq                  //
	stepLoadBBit                 // A = byte at k; A & equals != 0
	stepLoadHBit                 //
	stepMaskBEq                  // A = byte at k & mask; A == equals
	stepMaskWEq                  //
	stepIndBEq                   // A = byte at X+k; A == equals
	stepIndHEq                   //
	stepIndWEq                   //
	stepIndBBit                  // A = byte at X+k; A & equals != 0
	stepHeaderHEq                // X = 4*(byte at k & 15); A = 2 bytes at X+mask; A == equals
	stepHeaderBBit               // X = 4*(byte at k & 15); A = byte at X+mask; A & equals != 0
	stepEq                       // A == equals
	stepGt                       // A > equals
	stepGe                       // A >= equals
	stepBit                      // A & equals != 0
	stepEqX                      // A == X, and so on
	stepGtX
	stepGeX
	stepBitX
	stepLoadB // A = byte at k
	stepLoadH
	stepLoadW
	stepIndB // A = byte at X+k
	stepIndH
	stepIndW
	stepHeader   // X = 4*(byte at k & 15)
	stepImmA     // A = k
	stepImmX     // X = k
	stepMemA     // A = scratch k
	stepMemX     // X = scratch k
	stepLenA     // A = length on the wire
	stepLenX     // X = length on the wire
	stepStoreA   // scratch k = A
	stepStoreX   // scratch k = X
	stepOutgoing // A = packet type by direction
	stepALU      // A = A op k; yes holds the operation
	stepALUX     // A = A op X
	stepNeg      // A = -A
	stepTAX      // X = A
	stepTXA      // A = X
	stepJump     // goes to no
)

// Match reports whether a packet matches. frame is what was captured of it and
// wireLen its length on the wire. It allocates nothing.
func (m *Matcher) Match(frame []byte, wireLen uint32) bool {
	return m.run(frame, wireLen, packet.DirUnknown)
}

// Filter returns the packets of a set that match. All of them have to be of
// the program's link type. It allocates nothing.
func (m *Matcher) Filter(b *packet.Batch, in packet.Set) packet.Set {
	if len(m.code) == 1 {
		if m.code[0].equals != 0 {
			return in
		}
		return packet.Set{}
	}
	var out packet.Set
	in = m.screen.filter(b, in)
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		r := &b.Records[i]
		if m.run(b.Frame(i), r.WireLen, r.Dir) {
			out.Add(i)
		}
	}
	return out
}

// run is the machine. The steps that most packets take stand here; exec has the
// others.
func (m *Matcher) run(frame []byte, wireLen uint32, dir packet.Dir) bool {
	var s state
	var a, x uint32
	for pc := uint(0); pc < uint(len(m.code)); {
		in := &m.code[pc]
		at := uint64(in.k)
		yes, ok := false, true
		switch in.op {
		case stepReturn:
			return in.equals != 0
		case stepLoadBEq:
			a, ok = load8(frame, at)
			yes = a == in.equals
		case stepLoadHEq:
			a, ok = load16(frame, at)
			yes = a == in.equals
		case stepLoadWEq:
			a, ok = load32(frame, at)
			yes = a == in.equals
		case stepLoadBBit:
			a, ok = load8(frame, at)
			yes = a&in.equals != 0
		case stepLoadHBit:
			a, ok = load16(frame, at)
			yes = a&in.equals != 0
		case stepMaskBEq:
			a, ok = load8(frame, at)
			a &= in.mask
			yes = a == in.equals
		case stepMaskWEq:
			a, ok = load32(frame, at)
			a &= in.mask
			yes = a == in.equals
		case stepIndBEq:
			a, ok = load8(frame, at+uint64(x))
			yes = a == in.equals
		case stepIndHEq:
			a, ok = load16(frame, at+uint64(x))
			yes = a == in.equals
		case stepIndWEq:
			a, ok = load32(frame, at+uint64(x))
			yes = a == in.equals
		case stepIndBBit:
			a, ok = load8(frame, at+uint64(x))
			yes = a&in.equals != 0
		case stepHeaderHEq:
			x, _ = load8(frame, at)
			x = x & 0xf << 2
			a, ok = load16(frame, uint64(x)+uint64(in.mask))
			yes = a == in.equals
		case stepHeaderBBit:
			x, _ = load8(frame, at)
			x = x & 0xf << 2
			a, ok = load8(frame, uint64(x)+uint64(in.mask))
			yes = a&in.equals != 0
		case stepEq:
			yes = a == in.equals
		case stepGt:
			yes = a > in.equals
		case stepGe:
			yes = a >= in.equals
		case stepBit:
			yes = a&in.equals != 0
		default:
			s.a, s.x = a, x
			yes, ok = s.exec(in, frame, wireLen, dir)
			a, x = s.a, s.x
		}
		if !ok {
			return false
		}
		pc = uint(in.no)
		if yes {
			pc = uint(in.yes)
		}
	}
	return false
}

// state is the machine's state for the steps that are seldom taken.
type state struct {
	a, x uint32
	mem  [scratchWords]uint32
}

// exec takes one step. It returns the result of a comparison, and whether the
// packet is still in play.
func (s *state) exec(in *step, frame []byte, wireLen uint32, dir packet.Dir) (yes, ok bool) {
	ok = true
	switch in.op {
	case stepLoadB:
		s.a, ok = load8(frame, uint64(in.k))
	case stepLoadH:
		s.a, ok = load16(frame, uint64(in.k))
	case stepLoadW:
		s.a, ok = load32(frame, uint64(in.k))
	case stepIndB:
		s.a, ok = load8(frame, uint64(s.x)+uint64(in.k))
	case stepIndH:
		s.a, ok = load16(frame, uint64(s.x)+uint64(in.k))
	case stepIndW:
		s.a, ok = load32(frame, uint64(s.x)+uint64(in.k))
	case stepHeader:
		s.x, ok = load8(frame, uint64(in.k))
		s.x = s.x & 0xf << 2
	case stepALU:
		s.a, ok = compute(exprOp(in.yes), s.a, in.k)
	case stepALUX:
		s.a, ok = compute(exprOp(in.yes), s.a, s.x)
	case stepEqX:
		yes = s.a == s.x
	case stepGtX:
		yes = s.a > s.x
	case stepGeX:
		yes = s.a >= s.x
	case stepBitX:
		yes = s.a&s.x != 0
	default:
		s.move(in, wireLen, dir)
	}
	return yes, ok
}

// move takes a step that moves a value.
func (s *state) move(in *step, wireLen uint32, dir packet.Dir) {
	switch in.op {
	case stepImmA:
		s.a = in.k
	case stepImmX:
		s.x = in.k
	case stepMemA:
		s.a = s.mem[in.k%scratchWords]
	case stepMemX:
		s.x = s.mem[in.k%scratchWords]
	case stepLenA:
		s.a = wireLen
	case stepLenX:
		s.x = wireLen
	case stepStoreA:
		s.mem[in.k%scratchWords] = s.a
	case stepStoreX:
		s.mem[in.k%scratchWords] = s.x
	case stepOutgoing:
		s.a = 0
		if dir == packet.DirOut {
			s.a = packetOutgoing
		}
	case stepNeg:
		s.a = -s.a
	case stepTAX:
		s.x = s.a
	case stepTXA:
		s.a = s.x
	}
}

func load8(frame []byte, at uint64) (uint32, bool) {
	if at >= uint64(len(frame)) {
		return 0, false
	}
	return uint32(frame[at]), true
}

func load16(frame []byte, at uint64) (uint32, bool) {
	if at+2 > uint64(len(frame)) {
		return 0, false
	}
	return uint32(binary.BigEndian.Uint16(frame[at:])), true
}

func load32(frame []byte, at uint64) (uint32, bool) {
	if at+4 > uint64(len(frame)) {
		return 0, false
	}
	return binary.BigEndian.Uint32(frame[at:]), true
}
