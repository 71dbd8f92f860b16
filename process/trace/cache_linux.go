package trace

import (
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// What the programs remember with the socket itself, so that most packets and calls
// need no hash table: the owner that was stored last, the namespace, and the flow
// of the latest packet.
const (
	cacheCookie = 0  // u64: of the socket that the owner was stored for
	cacheTGID   = 8  // u32
	cachePorts  = 12 // u32: local port, remote port; 0: no flow yet
	cacheNetNS  = 16 // u64: cookie of the namespace; 0: unknown
	cacheLocal  = 24 // [16]
	cacheRemote = 40 // [16]
	cacheSize   = 56
)

// Places on the stack of the cgroup_skb programs.
const (
	stCookie = -8
	stFlow   = stCookie - flowSize // Flow
	stSocket = stFlow - sockSize   // Socket
	stOwner  = stSocket - recSize  // record, when one is handed down
	stHeader = stOwner - 40        // network header
	stPorts  = stHeader - 8        // first bytes of the transport header
)

// struct __sk_buff and struct bpf_sock, linux/bpf.h.
const (
	skbProtocol = 16
	skbData     = 76
	skbDataEnd  = 80
	skbSock     = 168

	bpfSockType  = 8
	bpfSockState = 72

	sockStream   = 1
	sockRaw      = 3
	stateListen  = 10
	protocolIPv4 = 0x0008 // as loaded on a little-endian machine: see networkOrder
	protocolIPv6 = 0xdd86
)

// cached leaves the program at "pass" if the packet belongs to the flow that the
// socket's cache names. Registers: 6 the context, 9 the cache or 0. Only plain
// headers at the start of the packet are looked at; others go the long way.
func cached(egress bool) asm.Instructions {
	src, dst := int16(cacheLocal), int16(cacheRemote)
	if !egress {
		src, dst = dst, src
	}
	differ := func(packetAt, cacheAt int16, size asm.Size) asm.Instructions {
		return asm.Instructions{
			asm.LoadMem(asm.R1, asm.R2, packetAt, size),
			asm.LoadMem(asm.R4, asm.R9, cacheAt, size),
			asm.JNE.Reg(asm.R1, asm.R4, "long"),
		}
	}
	ports := func(at int16) asm.Instructions {
		if egress {
			return differ(at, cachePorts, asm.Word)
		}
		return join(differ(at, cachePorts+2, asm.Half), differ(at+2, cachePorts, asm.Half))
	}
	six := asm.Instructions{}
	for i := int16(0); i < 16; i += 4 {
		six = append(six, differ(8+i, src+i, asm.Word)...)
		six = append(six, differ(24+i, dst+i, asm.Word)...)
	}
	return join(
		asm.Instructions{
			asm.JEq.Imm(asm.R9, 0, "long"),
			asm.LoadMem(asm.R2, asm.R6, skbData, asm.Word),
			asm.LoadMem(asm.R3, asm.R6, skbDataEnd, asm.Word),
			asm.Mov.Reg(asm.R1, asm.R2), asm.Add.Imm(asm.R1, 24),
			asm.JGT.Reg(asm.R1, asm.R3, "long"),
			asm.LoadMem(asm.R1, asm.R2, 0, asm.Byte),
			asm.JEq.Imm(asm.R1, 0x45, "four"),
			asm.RSh.Imm(asm.R1, 4),
			asm.JNE.Imm(asm.R1, 6, "long"),
			asm.Mov.Reg(asm.R1, asm.R2), asm.Add.Imm(asm.R1, 44),
			asm.JGT.Reg(asm.R1, asm.R3, "long"),
		},
		// Behind an extension header the ports differ or are none of TCP's and UDP's.
		plainTransport(6), six, ports(40), asm.Instructions{asm.Ja.Label("pass")},
		label("four", plainTransport(9)), differ(12, src, asm.Word), differ(16, dst, asm.Word), ports(20),
		asm.Instructions{asm.Ja.Label("pass")},
	)
}

// plainTransport goes the long way unless the protocol at a place of the header is
// TCP or UDP.
func plainTransport(at int16) asm.Instructions {
	ok := "plain6"
	if at == 9 {
		ok = "plain4"
	}
	return asm.Instructions{
		asm.LoadMem(asm.R1, asm.R2, at, asm.Byte),
		asm.JEq.Imm(asm.R1, 6, ok),
		asm.JNE.Imm(asm.R1, 17, "long"),
		asm.Mov.Reg(asm.R1, asm.R2).WithSymbol(ok),
	}
}

// remember puts the flow on the stack into the socket's cache. Flows without ports
// are not remembered.
func remember() asm.Instructions {
	return join(
		asm.Instructions{
			asm.JEq.Imm(asm.R9, 0, "pass"),
			asm.LoadMem(asm.R1, asm.R10, stFlow+flowLocalPort, asm.Word),
			asm.StoreMem(asm.R9, cachePorts, asm.R1, asm.Word),
		},
		move(asm.R9, cacheLocal, asm.R10, stFlow+flowLocal, 32),
	)
}

// Types of the cache, as the kernel wants them.
var (
	cacheKey   = &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	cacheValue = &btf.Struct{Name: "pkt_cache", Size: cacheSize, Members: []btf.Member{
		{Name: "words", Type: &btf.Array{Index: cacheKey, Type: cacheKey, Nelems: cacheSize / 4}},
	}}
)
