package afpacket

import (
	"golang.org/x/net/bpf"

	"pkt/packet"
)

// packetOutgoing is the packet type of what this host sends (PACKET_OUTGOING).
const packetOutgoing = 4

// target is an interface that the program lets packets of through.
type target struct {
	Interface
	program []bpf.RawInstruction // nil: all packets
	missed  uint64               // by the interface's own counters; valid only if asked
	asked   bool
}

// scope is what a program has to tell apart before it comes to the filters.
type scope struct {
	dir      packet.Dir
	loopback int  // index of the loopback interface, 0 if there is none among the targets
	several  bool // the socket is bound to no interface, and the targets are some of all
	snapLen  uint32
}

// assemble returns the program for a socket: which packets are wanted at all,
// then for each interface its own filter.
//
// The loopback interface shows every packet twice, as sent and as received. The
// first is dropped; the other one stands for both directions.
func assemble(s scope, targets []target) []bpf.RawInstruction {
	var prog []bpf.RawInstruction
	if s.loopback != 0 || s.dir != packet.DirUnknown {
		prog = append(prog, direction(s)...)
	}
	if !s.several {
		if len(targets) == 1 && targets[0].program != nil {
			return append(prog, targets[0].program...)
		}
		return append(prog, ret(s.snapLen))
	}
	prog = append(prog, load(bpf.ExtInterfaceIndex))
	// One step of the table for each interface, then the programs: jumps of 32
	// bits lead there.
	at := 2*len(targets) + 1
	var body []bpf.RawInstruction
	for i, t := range targets {
		prog = append(prog,
			raw(bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(t.Index), SkipTrue: 1}),
			raw(bpf.Jump{Skip: uint32(at + len(body) - 2*i - 2)}))
		if t.program == nil {
			body = append(body, ret(s.snapLen))
		}
		body = append(body, t.program...)
	}
	return append(append(prog, ret(0)), body...)
}

// direction returns the beginning of a program, which rejects packets that went
// the wrong way.
func direction(s scope) []bpf.RawInstruction {
	sent := raw(bpf.JumpIf{Cond: bpf.JumpEqual, Val: packetOutgoing, SkipFalse: 1})
	received := raw(bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: packetOutgoing, SkipFalse: 1})
	isLoopback := raw(bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(s.loopback), SkipTrue: 1})
	switch {
	case s.dir == packet.DirIn:
		return []bpf.RawInstruction{load(bpf.ExtType), sent, ret(0)}
	case s.dir == packet.DirOut && s.loopback == 0:
		return []bpf.RawInstruction{load(bpf.ExtType), received, ret(0)}
	case s.dir == packet.DirOut:
		// On the loopback interface what is received was sent, elsewhere not.
		return []bpf.RawInstruction{
			load(bpf.ExtType),
			raw(bpf.JumpIf{Cond: bpf.JumpEqual, Val: packetOutgoing, SkipFalse: 3}),
			load(bpf.ExtInterfaceIndex),
			raw(bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(s.loopback), SkipTrue: 4}),
			ret(0),
			load(bpf.ExtInterfaceIndex),
			isLoopback,
			ret(0),
		}
	}
	return []bpf.RawInstruction{
		load(bpf.ExtType),
		raw(bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: packetOutgoing, SkipTrue: 3}),
		load(bpf.ExtInterfaceIndex),
		raw(bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(s.loopback), SkipFalse: 1}),
		ret(0),
	}
}

// raw assembles an instruction of this file, all of which are valid.
func raw(in bpf.Instruction) bpf.RawInstruction {
	r, err := in.Assemble()
	if err != nil {
		panic(err)
	}
	return r
}

func load(e bpf.Extension) bpf.RawInstruction { return raw(bpf.LoadExtension{Num: e}) }
func ret(n uint32) bpf.RawInstruction         { return raw(bpf.RetConstant{Val: n}) }

// rejectAll lets nothing through.
func rejectAll() []bpf.RawInstruction { return []bpf.RawInstruction{ret(0)} }

// Parts of a classic BPF instruction, and the kernel's ancillary data (SKF_AD_).
const (
	classMask = 0x07
	classLD   = 0x00
	classLDX  = 0x01
	classRET  = 0x06
	modeMask  = 0xe0
	modeABS   = 0x20
	modeIND   = 0x40
	modeLEN   = 0x80
	modeMSH   = 0xa0
	retK      = 0x06
	sizeW     = 0x00
	sizeH     = 0x08
	sizeB     = 0x10

	ancillary    = 0xfffff000
	adProtocol   = ancillary + 0
	adPacketType = ancillary + 4
	adIfIndex    = ancillary + 8
	adHardware   = ancillary + 28
)

// cooked turns a program for frames with a cooked header into one for the
// kernel, which has no such header: what is behind it lies at the beginning,
// and what is in it comes from the ancillary data. ok is false if the program
// asks for something that the kernel cannot tell.
func cooked(prog []bpf.RawInstruction, link uint16) (out []bpf.RawInstruction, ok bool) {
	header, fields := uint32(sllLen), sllFields
	if link == linkSLL2 {
		header, fields = sll2Len, sll2Fields
	}
	for _, in := range prog {
		switch class := in.Op & classMask; {
		case class == classRET && in.Op == retK && in.K > header:
			in.K -= header
		case class != classLD && class != classLDX:
		case in.Op&modeMask == modeLEN:
			return nil, false
		case in.Op&modeMask == modeABS || in.Op&modeMask == modeIND || in.Op&modeMask == modeMSH:
			switch f, found := fields[in.K]; {
			case in.K >= ancillary:
			case in.K >= header:
				in.K -= header
			case found && in.Op == classLD|modeABS|f.size:
				in.K = f.at
			default:
				return nil, false
			}
		}
		out = append(out, in)
	}
	return out, true
}
