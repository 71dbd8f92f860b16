package pcapfilter

import (
	"fmt"
	"strconv"

	"golang.org/x/net/bpf"
)

// Append appends the program as tcpdump -d prints it: one instruction a line.
func (p *Program) Append(dst []byte) []byte {
	for i, in := range p.raw {
		dst = appendInstruction(dst, i, in)
		dst = append(dst, '\n')
	}
	return dst
}

// AppendC appends the program as tcpdump -dd prints it: the elements of an
// array in C.
func (p *Program) AppendC(dst []byte) []byte {
	for _, in := range p.raw {
		dst = fmt.Appendf(dst, "{ 0x%x, %d, %d, 0x%08x },\n", in.Op, in.Jt, in.Jf, in.K)
	}
	return dst
}

// AppendDecimal appends the program as tcpdump -ddd prints it: the number of
// instructions, and each as decimal numbers.
func (p *Program) AppendDecimal(dst []byte) []byte {
	dst = strconv.AppendInt(dst, int64(len(p.raw)), 10)
	dst = append(dst, '\n')
	for _, in := range p.raw {
		dst = fmt.Appendf(dst, "%d %d %d %d\n", in.Op, in.Jt, in.Jf, in.K)
	}
	return dst
}

// appendInstruction appends one instruction, which stands at index i.
func appendInstruction(dst []byte, i int, in bpf.RawInstruction) []byte {
	name, operand := mnemonic(i, in)
	if in.Op&7 == classJMP && in.Op&0xf0 != jmpJA {
		return fmt.Appendf(dst, "(%03d) %-8s %-16s jt %d\tjf %d", i, name, operand, i+1+int(in.Jt), i+1+int(in.Jf))
	}
	return fmt.Appendf(dst, "(%03d) %-8s %s", i, name, operand)
}

// mnemonic returns the name and the operand of an instruction.
func mnemonic(i int, in bpf.RawInstruction) (name, operand string) {
	switch in.Op & 7 {
	case classLD:
		return loadName("ld", in), loadOperand(in)
	case classLDX:
		return loadName("ldx", in), loadOperand(in)
	case classST:
		return "st", fmt.Sprintf("M[%d]", in.K)
	case classSTX:
		return "stx", fmt.Sprintf("M[%d]", in.K)
	case classALU:
		return aluMnemonic(in)
	case classJMP:
		return jumpMnemonic(i, in)
	case classRET:
		return "ret", fmt.Sprintf("#%d", in.K)
	}
	if in.Op&0xf8 == miscTAX {
		return "tax", ""
	}
	return "txa", ""
}

// loadName returns the name of a load with the letter of its size.
func loadName(name string, in bpf.RawInstruction) string {
	switch in.Op & 0x18 {
	case sizeH:
		return name + "h"
	case sizeB:
		return name + "b"
	}
	return name
}

// loadOperand returns what a load loads.
func loadOperand(in bpf.RawInstruction) string {
	switch in.Op & 0xe0 {
	case modeABS:
		if in.K >= extBase {
			return "[" + extName(in.K-extBase) + "]"
		}
		return fmt.Sprintf("[%d]", int32(in.K))
	case modeIND:
		return fmt.Sprintf("[x + %d]", int32(in.K))
	case modeMEM:
		return fmt.Sprintf("M[%d]", in.K)
	case modeLEN:
		return "#pktlen"
	case modeMSH:
		return fmt.Sprintf("4*([%d]&0xf)", in.K)
	}
	return fmt.Sprintf("#0x%x", in.K)
}

// extName returns the name of an item of the kernel's ancillary data.
func extName(item uint32) string {
	switch item {
	case extPacketType:
		return "type"
	case extIfIndex:
		return "ifidx"
	case extVLANTag:
		return "vlan_tci"
	case extVLANPresent:
		return "vlanp"
	}
	return strconv.Itoa(int(int32(item + extBase)))
}

// aluMnemonic returns the name and the operand of an operation. Operands that
// are bits are in hexadecimal.
func aluMnemonic(in bpf.RawInstruction) (name, operand string) {
	names := [...]string{
		aluADD >> 4: "add", aluSUB >> 4: "sub", aluMUL >> 4: "mul", aluDIV >> 4: "div", aluOR >> 4: "or", aluAND >> 4: "and",
		aluLSH >> 4: "lsh", aluRSH >> 4: "rsh", aluNEG >> 4: "neg", aluMOD >> 4: "mod", aluXOR >> 4: "xor",
	}
	name = names[in.Op&0xf0>>4]
	switch {
	case in.Op&0xf0 == aluNEG:
		return name, ""
	case in.Op&srcX != 0:
		return name, "x"
	}
	switch in.Op & 0xf0 {
	case aluOR, aluAND, aluXOR:
		return name, fmt.Sprintf("#0x%x", in.K)
	}
	return name, fmt.Sprintf("#%d", int32(in.K))
}

// jumpMnemonic returns the name and the operand of a jump.
func jumpMnemonic(i int, in bpf.RawInstruction) (name, operand string) {
	names := [...]string{jmpJA >> 4: "ja", jmpJEQ >> 4: "jeq", jmpJGT >> 4: "jgt", jmpJGE >> 4: "jge", jmpJSET >> 4: "jset"}
	name = names[in.Op&0xf0>>4]
	switch {
	case in.Op&0xf0 == jmpJA:
		return name, strconv.Itoa(i + 1 + int(int32(in.K)))
	case in.Op&srcX != 0:
		return name, "x"
	}
	return name, fmt.Sprintf("#0x%x", in.K)
}
