package pcapfilter

// Fields of a classic BPF instruction's operation code, as in linux/filter.h.
const (
	classLD   = 0x00
	classLDX  = 0x01
	classST   = 0x02
	classSTX  = 0x03
	classALU  = 0x04
	classJMP  = 0x05
	classRET  = 0x06
	classMISC = 0x07

	sizeW = 0x00
	sizeH = 0x08
	sizeB = 0x10

	modeIMM = 0x00
	modeABS = 0x20
	modeIND = 0x40
	modeMEM = 0x60
	modeLEN = 0x80
	modeMSH = 0xa0

	aluADD = 0x00
	aluSUB = 0x10
	aluMUL = 0x20
	aluDIV = 0x30
	aluOR  = 0x40
	aluAND = 0x50
	aluLSH = 0x60
	aluRSH = 0x70
	aluNEG = 0x80
	aluMOD = 0x90
	aluXOR = 0xa0

	jmpJA   = 0x00
	jmpJEQ  = 0x10
	jmpJGT  = 0x20
	jmpJGE  = 0x30
	jmpJSET = 0x40

	srcK = 0x00
	srcX = 0x08

	miscTAX = 0x00
	miscTXA = 0x80
)

// scratchWords is the size of the machine's scratch memory.
const scratchWords = 16

// extBase is where the kernel's ancillary data lies as seen by a load
// (SKF_AD_OFF).
const extBase = 0xfffff000

// insn is an instruction whose jumps are not numbers yet.
type insn struct {
	op  uint16
	k   uint32
	yes *block // where a conditional jump goes; nil in straight code
	no  *block
	// skipYes and skipNo are jumps within the code of one block, in
	// instructions, where yes is nil.
	skipYes, skipNo uint8
}

// sizeCode returns the operation code of a load's size.
func sizeCode(size uint8) uint16 {
	switch size {
	case 1:
		return sizeB
	case 2:
		return sizeH
	}
	return sizeW
}

// aluCode returns the operation code of a binary operation.
func aluCode(op exprOp) uint16 {
	return [...]uint16{
		opAdd: aluADD, opSub: aluSUB, opMul: aluMUL, opDiv: aluDIV, opMod: aluMOD, opAnd: aluAND,
		opOr: aluOR, opXor: aluXOR, opShiftLeft: aluLSH, opShiftRight: aluRSH,
	}[op]
}

// jumpCode returns the operation code of a relation.
func jumpCode(rel relation) uint16 {
	return [...]uint16{relEqual: jmpJEQ, relGreater: jmpJGT, relGreaterEq: jmpJGE, relAnyBit: jmpJSET}[rel]
}
