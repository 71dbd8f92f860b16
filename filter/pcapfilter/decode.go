package pcapfilter

import "golang.org/x/net/bpf"

// Matcher returns what runs the program.
func (p *Program) Matcher() *Matcher {
	code := make([]step, len(p.raw))
	for i, in := range p.raw {
		code[i] = decode(in, i, p.live)
	}
	m := &Matcher{code: code, screen: newScreen(code)}
	for i := range code {
		fuse(code, i)
	}
	return m
}

// decode returns the step of one instruction, which stands at index i.
func decode(in bpf.RawInstruction, i int, live bool) step {
	s := step{k: in.K, no: uint16(i + 1)}
	s.yes = s.no
	switch in.Op & 7 {
	case classLD:
		s.op = decodeLoad(in, live)
		if s.op == stepImmA && in.Op&0xe0 == modeABS {
			s.k = 0
		}
	case classLDX:
		s.op = [...]stepOp{modeIMM >> 5: stepImmX, modeMEM >> 5: stepMemX, modeLEN >> 5: stepLenX, modeMSH >> 5: stepHeader}[in.Op&0xe0>>5]
	case classST:
		s.op = stepStoreA
	case classSTX:
		s.op = stepStoreX
	case classALU:
		s.op, s.yes = decodeALU(in.Op)
	case classJMP:
		decodeJump(&s, in, i)
	case classRET:
		s.op, s.equals = stepReturn, in.K
	case classMISC:
		s.op = stepTXA
		if in.Op&0xf8 == miscTAX {
			s.op = stepTAX
		}
	}
	return s
}

// decodeLoad returns the step of a load into A. Of the kernel's ancillary data
// all but the direction is 0 here: stepImmA.
func decodeLoad(in bpf.RawInstruction, live bool) stepOp {
	size := in.Op & 0x18
	switch in.Op & 0xe0 {
	case modeABS:
		switch {
		case live && in.K == extBase+extPacketType:
			return stepOutgoing
		case live && in.K >= extBase:
			return stepImmA
		}
		return [...]stepOp{sizeB: stepLoadB, sizeH: stepLoadH, sizeW: stepLoadW}[size]
	case modeIND:
		return [...]stepOp{sizeB: stepIndB, sizeH: stepIndH, sizeW: stepIndW}[size]
	case modeMEM:
		return stepMemA
	case modeLEN:
		return stepLenA
	}
	return stepImmA
}

// decodeALU returns the step of an operation, and the operation in the place
// of a jump target, which it has none of.
func decodeALU(op uint16) (stepOp, uint16) {
	if op&0xf0 == aluNEG {
		return stepNeg, 0
	}
	e := [...]exprOp{
		aluADD >> 4: opAdd, aluSUB >> 4: opSub, aluMUL >> 4: opMul, aluDIV >> 4: opDiv, aluMOD >> 4: opMod, aluAND >> 4: opAnd,
		aluOR >> 4: opOr, aluXOR >> 4: opXor, aluLSH >> 4: opShiftLeft, aluRSH >> 4: opShiftRight,
	}[op&0xf0>>4]
	if op&srcX != 0 {
		return stepALUX, uint16(e)
	}
	return stepALU, uint16(e)
}

// decodeJump completes the step of a jump.
func decodeJump(s *step, in bpf.RawInstruction, i int) {
	kind := in.Op & 0xf0 >> 4
	if kind == jmpJA {
		s.op = stepJump
		s.no = uint16(i + 1 + int(int32(in.K)))
		return
	}
	s.yes = uint16(i + 1 + int(in.Jt))
	s.no = uint16(i + 1 + int(in.Jf))
	s.equals = in.K
	if in.Op&srcX != 0 {
		s.op = [...]stepOp{jmpJEQ >> 4: stepEqX, jmpJGT >> 4: stepGtX, jmpJGE >> 4: stepGeX, jmpJSET >> 4: stepBitX}[kind]
		return
	}
	s.op = [...]stepOp{jmpJEQ >> 4: stepEq, jmpJGT >> 4: stepGt, jmpJGE >> 4: stepGe, jmpJSET >> 4: stepBit}[kind]
}

// fuse makes one step of the load at index i and what follows it, if it is one
// of the forms that Matcher has a step for.
func fuse(code []step, i int) {
	s := &code[i]
	next := func(n int) step {
		if i+n < len(code) {
			return code[i+n]
		}
		return step{}
	}
	compare := next(1)
	fused := stepReturn
	switch compare.op {
	case stepEq:
		fused = [...]stepOp{
			stepLoadB: stepLoadBEq, stepLoadH: stepLoadHEq, stepLoadW: stepLoadWEq,
			stepIndB: stepIndBEq, stepIndH: stepIndHEq, stepIndW: stepIndWEq, stepJump: stepReturn,
		}[s.op]
	case stepBit:
		fused = [...]stepOp{stepLoadB: stepLoadBBit, stepLoadH: stepLoadHBit, stepIndB: stepIndBBit, stepJump: stepReturn}[s.op]
	case stepALU:
		compare = next(2)
		if exprOp(next(1).yes) == opAnd && compare.op == stepEq {
			fused = [...]stepOp{stepLoadB: stepMaskBEq, stepLoadW: stepMaskWEq, stepJump: stepReturn}[s.op]
			s.mask = next(1).k
		}
	case stepIndB, stepIndH:
		s.mask = compare.k
		load := compare.op
		compare = next(2)
		// If the header is not there, neither must be what lies behind it:
		// the fused steps ask only once.
		switch {
		case s.mask < s.k:
		case s.op == stepHeader && load == stepIndH && compare.op == stepEq:
			fused = stepHeaderHEq
		case s.op == stepHeader && load == stepIndB && compare.op == stepBit:
			fused = stepHeaderBBit
		}
	}
	if fused != stepReturn {
		s.op, s.yes, s.no, s.equals = fused, compare.yes, compare.no, compare.equals
	}
}
