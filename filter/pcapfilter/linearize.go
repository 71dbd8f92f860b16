package pcapfilter

import "golang.org/x/net/bpf"

// maxShort is how far a conditional jump reaches.
const maxShort = 255

// linearize lays out the code of blocks in their order. Conditional jumps that
// are too far go by way of an unconditional one right behind them; a block that
// goes on to another than the next ends in one.
func linearize(order []*block, code [][]insn, snapLen uint32) []bpf.RawInstruction {
	far := make([][2]bool, len(order))
	start := make([]int, len(order)+1)
	for changed := true; changed; {
		changed = false
		for i, b := range order {
			start[i+1] = start[i] + blockLength(i, b, code[i], far[i])
		}
		for i, b := range order {
			if b.no == nil {
				continue
			}
			at := start[i] + len(code[i]) - 1
			for side, next := range [...]*block{b.yes, b.no} {
				if !far[i][side] && start[next.order]-at-1 > maxShort {
					far[i][side], changed = true, true
				}
			}
		}
	}
	out := make([]bpf.RawInstruction, 0, start[len(order)])
	for i, b := range order {
		out = appendBlock(out, i, b, code[i], far[i], start, snapLen)
	}
	return out
}

// blockLength returns the number of instructions of block i.
func blockLength(i int, b *block, code []insn, far [2]bool) int {
	n := len(code)
	switch {
	case b.kind == blockReturn:
		return 1
	case b.no == nil:
		if b.yes.order != i+1 {
			n++
		}
		return n
	}
	for _, f := range far {
		if f {
			n++
		}
	}
	return n
}

// appendBlock appends the instructions of block i.
func appendBlock(out []bpf.RawInstruction, i int, b *block, code []insn, far [2]bool, start []int, snapLen uint32) []bpf.RawInstruction {
	if b.kind == blockReturn {
		r := bpf.RawInstruction{Op: classRET | srcK}
		if b.accept {
			r.K = snapLen
		}
		return append(out, r)
	}
	for _, in := range code {
		out = append(out, bpf.RawInstruction{Op: in.op, K: in.k, Jt: in.skipYes, Jf: in.skipNo})
	}
	if b.no == nil {
		if b.yes.order != i+1 {
			out = append(out, jumpTo(len(out), start[b.yes.order]))
		}
		return out
	}
	at := len(out) - 1
	jumps := 0
	for side, next := range [...]*block{b.yes, b.no} {
		skip := uint8(0)
		if far[side] {
			skip = uint8(jumps)
			jumps++
			out = append(out, jumpTo(len(out), start[next.order]))
		} else {
			skip = uint8(start[next.order] - at - 1)
		}
		if side == 0 {
			out[at].Jt = skip
		} else {
			out[at].Jf = skip
		}
	}
	return out
}

// jumpTo returns an unconditional jump, at one place, to another.
func jumpTo(at, to int) bpf.RawInstruction {
	return bpf.RawInstruction{Op: classJMP | jmpJA, K: uint32(to - at - 1)}
}
