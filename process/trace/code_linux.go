package trace

import "github.com/cilium/ebpf/asm"

// Short words for what the programs do again and again. Registers 1 to 5 are lost
// with every call; 6 to 9 stay.

// call returns a call whose register 1 is a map and whose registers 2 and 3 point
// into the stack; a place of 0 stands for none.
func call(fn asm.BuiltinFunc, fd int, key, value int32) asm.Instructions {
	in := asm.Instructions{
		asm.LoadMapPtr(asm.R1, fd),
		asm.Mov.Reg(asm.R2, asm.R10), asm.Add.Imm(asm.R2, key),
	}
	if value != 0 {
		in = append(in, asm.Mov.Reg(asm.R3, asm.R10), asm.Add.Imm(asm.R3, value))
	}
	return append(in, fn.Call())
}

// lookup leaves in register 0 where the value of a key lies, 0 if there is none.
func lookup(fd int, key int32) asm.Instructions { return call(asm.FnMapLookupElem, fd, key, 0) }

// update puts a value that lies on the stack into a map.
func update(fd int, key, value, flags int32) asm.Instructions {
	in := call(asm.FnMapUpdateElem, fd, key, value)
	return append(in[:len(in)-1], asm.Mov.Imm(asm.R4, flags), in[len(in)-1])
}

// storage leaves in register 0 where the storage of the socket in a register lies,
// 0 if there is none.
func storage(fd int, sk asm.Register, flags int32) asm.Instructions {
	return asm.Instructions{
		asm.LoadMapPtr(asm.R1, fd),
		asm.Mov.Reg(asm.R2, sk),
		asm.Mov.Imm(asm.R3, 0),
		asm.Mov.Imm(asm.R4, flags),
		asm.FnSkStorageGet.Call(),
	}
}

// create is BPF_SK_STORAGE_GET_F_CREATE.
const create = 1

// zero clears size bytes of the stack, a multiple of 8.
func zero(at int16, size int16) (in asm.Instructions) {
	in = append(in, asm.Mov.Imm(asm.R1, 0))
	for i := int16(0); i < size; i += 8 {
		in = append(in, asm.StoreMem(asm.R10, at+i, asm.R1, asm.DWord))
	}
	return in
}

// move copies size bytes, a multiple of 4, through register 1.
func move(to asm.Register, toAt int16, from asm.Register, fromAt, size int16) (in asm.Instructions) {
	for i := int16(0); i < size; i += 4 {
		in = append(in,
			asm.LoadMem(asm.R1, from, fromAt+i, asm.Word),
			asm.StoreMem(to, toAt+i, asm.R1, asm.Word))
	}
	return in
}

// readKernel reads size bytes that lie at an offset behind a pointer onto the stack;
// str stops at the first zero byte.
func readKernel(fn asm.BuiltinFunc, to int32, size int32, from asm.Register, at int16) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R3, from), asm.Add.Imm(asm.R3, int32(at)),
		asm.Mov.Reg(asm.R1, asm.R10), asm.Add.Imm(asm.R1, to),
		asm.Mov.Imm(asm.R2, size),
		fn.Call(),
	}
}

// end returns the last instructions of a program: it returns ret at a label.
func end(label string, ret int32) asm.Instructions {
	return asm.Instructions{asm.Mov.Imm(asm.R0, ret).WithSymbol(label), asm.Return()}
}

// join puts pieces one behind the other.
func join(pieces ...asm.Instructions) (all asm.Instructions) {
	for _, p := range pieces {
		all = append(all, p...)
	}
	return all
}

// label names the first instruction of a piece.
func label(name string, in asm.Instructions) asm.Instructions {
	in[0] = in[0].WithSymbol(name)
	return in
}
