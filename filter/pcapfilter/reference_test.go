package pcapfilter

import (
	"encoding/binary"

	"golang.org/x/net/bpf"
)

// run interprets a program as plainly as possible: the reference that the
// Matcher is tested against. It takes backward jumps, which x/net/bpf does not.
func run(prog []bpf.RawInstruction, frame []byte, wireLen uint32) bool {
	return runLive(prog, frame, wireLen, nil)
}

// runLive is run with the kernel's ancillary data.
func runLive(prog []bpf.RawInstruction, frame []byte, wireLen uint32, ext map[uint32]uint32) bool {
	var a, x uint32
	var mem [scratchWords]uint32
	load := func(at uint64, size uint16) (uint32, bool) {
		n := [...]uint64{sizeW: 4, sizeH: 2, sizeB: 1}[size&0x18]
		if at+n > uint64(len(frame)) {
			return 0, false
		}
		switch b := frame[at:]; n {
		case 4:
			return binary.BigEndian.Uint32(b), true
		case 2:
			return uint32(binary.BigEndian.Uint16(b)), true
		default:
			return uint32(b[0]), true
		}
	}
	for pc := 0; ; pc++ {
		in := prog[pc]
		ok := true
		switch in.Op & 7 {
		case classLD:
			switch in.Op & 0xe0 {
			case modeIMM:
				a = in.K
			case modeABS:
				if in.K >= extBase {
					a, ok = ext[in.K-extBase]
					break
				}
				a, ok = load(uint64(in.K), in.Op)
			case modeIND:
				a, ok = load(uint64(x)+uint64(in.K), in.Op)
			case modeMEM:
				a = mem[in.K]
			case modeLEN:
				a = wireLen
			}
		case classLDX:
			switch in.Op & 0xe0 {
			case modeIMM:
				x = in.K
			case modeMEM:
				x = mem[in.K]
			case modeLEN:
				x = wireLen
			case modeMSH:
				x, ok = load(uint64(in.K), sizeB)
				x = 4 * (x & 0xf)
			}
		case classST:
			mem[in.K] = a
		case classSTX:
			mem[in.K] = x
		case classALU:
			if in.Op&0xf0 == aluNEG {
				a = -a
				break
			}
			b := in.K
			if in.Op&srcX != 0 {
				b = x
			}
			op := [...]exprOp{
				aluADD: opAdd, aluSUB: opSub, aluMUL: opMul, aluDIV: opDiv, aluMOD: opMod, aluAND: opAnd,
				aluOR: opOr, aluXOR: opXor, aluLSH: opShiftLeft, aluRSH: opShiftRight,
			}[in.Op&0xf0]
			a, ok = compute(op, a, b)
		case classJMP:
			if in.Op&0xf0 == jmpJA {
				pc += int(int32(in.K))
				break
			}
			b := in.K
			if in.Op&srcX != 0 {
				b = x
			}
			rel := [...]relation{jmpJEQ: relEqual, jmpJGT: relGreater, jmpJGE: relGreaterEq, jmpJSET: relAnyBit}[in.Op&0xf0]
			if holds(rel, a, b) {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case classRET:
			return in.K != 0
		case classMISC:
			if in.Op&0xf8 == miscTAX {
				x = a
			} else {
				a = x
			}
		}
		if !ok {
			return false
		}
	}
}
