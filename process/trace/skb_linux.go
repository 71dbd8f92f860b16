package trace

import "github.com/cilium/ebpf/asm"

// skbProgram returns a cgroup_skb program for packets that sockets send (egress) or
// get. It stores which socket the packet's flow belongs to, unless the socket's
// cache says that this was done, and lets every packet pass.
//
// Registers: 6 the context, 7 the socket's cookie, 8 the socket, 9 its cache or 0.
func skbProgram(m *maps, egress, netnsHelper bool) asm.Instructions {
	return join(
		asm.Instructions{
			asm.Mov.Reg(asm.R6, asm.R1),
			asm.LoadMem(asm.R8, asm.R6, skbSock, asm.DWord),
			asm.JEq.Imm(asm.R8, 0, "pass"),
		},
		storage(m.cache.FD(), asm.R8, create),
		asm.Instructions{asm.Mov.Reg(asm.R9, asm.R0)},
		cached(egress),
		label("long", asm.Instructions{
			asm.Mov.Reg(asm.R1, asm.R8),
			asm.FnSkFullsock.Call(),
			asm.JEq.Imm(asm.R0, 0, "pass"),
			asm.Mov.Reg(asm.R8, asm.R0),
			asm.Mov.Reg(asm.R1, asm.R6),
			asm.FnGetSocketCookie.Call(),
			asm.Mov.Reg(asm.R7, asm.R0),
			asm.StoreMem(asm.R10, stCookie, asm.R7, asm.DWord),
		}),
		flowOf(egress),
		space(netnsHelper),
		assign(m),
		label("remember", remember()),
		end("pass", 1),
	)
}

// flowOf puts the packet's flow onto the stack.
func flowOf(egress bool) asm.Instructions {
	src, dst := int16(stFlow+flowLocal), int16(stFlow+flowRemote)
	sport, dport := int16(stFlow+flowLocalPort), int16(stFlow+flowRemotePort)
	if !egress {
		src, dst, sport, dport = dst, src, dport, sport
	}
	const version, proto = stFlow + flowVersion, stFlow + flowProto
	return join(
		zero(stFlow, flowSize),
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R6, skbProtocol, asm.Word),
			asm.JEq.Imm(asm.R1, networkOrder(protocolIPv4), "v4"),
			asm.JNE.Imm(asm.R1, networkOrder(protocolIPv6), "pass"),
		},
		load(asm.Instructions{asm.Mov.Imm(asm.R2, 0)}, stHeader, 40),
		move(asm.R10, src, asm.R10, stHeader+8, 16),
		move(asm.R10, dst, asm.R10, stHeader+24, 16),
		asm.Instructions{
			asm.StoreImm(asm.R10, version, 6, asm.Byte),
			asm.LoadMem(asm.R1, asm.R10, stHeader+6, asm.Byte),
			asm.StoreMem(asm.R10, proto, asm.R1, asm.Byte),
			asm.Mov.Imm(asm.R0, 40),
			asm.StoreMem(asm.R10, stSocket, asm.R0, asm.DWord), // where the next header is
		},
		extension("first", proto), extension("second", proto),
		asm.Instructions{asm.Ja.Label("transport")},
		label("v4", load(asm.Instructions{asm.Mov.Imm(asm.R2, 0)}, stHeader, 20)),
		move(asm.R10, src, asm.R10, stHeader+12, 4),
		move(asm.R10, dst, asm.R10, stHeader+16, 4),
		asm.Instructions{
			asm.StoreImm(asm.R10, version, 4, asm.Byte),
			asm.LoadMem(asm.R1, asm.R10, stHeader+9, asm.Byte),
			asm.StoreMem(asm.R10, proto, asm.R1, asm.Byte),
			asm.LoadMem(asm.R0, asm.R10, stHeader, asm.Byte),
			asm.And.Imm(asm.R0, 15), asm.LSh.Imm(asm.R0, 2),
			asm.StoreMem(asm.R10, stSocket, asm.R0, asm.DWord),

			asm.LoadMem(asm.R1, asm.R10, proto, asm.Byte).WithSymbol("transport"),
			asm.JEq.Imm(asm.R1, 6, "ports"),
			asm.JEq.Imm(asm.R1, 17, "ports"),
			asm.JNE.Imm(asm.R1, 136, "known"),
		},
		label("ports", load(asm.Instructions{asm.LoadMem(asm.R2, asm.R10, stSocket, asm.DWord)}, stPorts, 4)),
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R10, stPorts, asm.Half),
			asm.StoreMem(asm.R10, sport, asm.R1, asm.Half),
			asm.LoadMem(asm.R1, asm.R10, stPorts+2, asm.Half),
			asm.StoreMem(asm.R10, dport, asm.R1, asm.Half),
		},
	)
}

// extension steps over an IPv6 header of hop-by-hop options, routing or destination
// options, if one is there.
func extension(name string, proto int16) asm.Instructions {
	return join(
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R10, proto, asm.Byte),
			asm.JEq.Imm(asm.R1, 0, name),
			asm.JEq.Imm(asm.R1, 43, name),
			asm.JNE.Imm(asm.R1, 60, "transport"),
		},
		label(name, load(asm.Instructions{asm.LoadMem(asm.R2, asm.R10, stSocket, asm.DWord)}, stPorts, 4)),
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R10, stPorts, asm.Byte),
			asm.StoreMem(asm.R10, proto, asm.R1, asm.Byte),
			asm.LoadMem(asm.R1, asm.R10, stPorts+1, asm.Byte),
			asm.Add.Imm(asm.R1, 1), asm.LSh.Imm(asm.R1, 3),
			asm.LoadMem(asm.R2, asm.R10, stSocket, asm.DWord),
			asm.Add.Reg(asm.R2, asm.R1),
			asm.StoreMem(asm.R10, stSocket, asm.R2, asm.DWord),
		},
	)
}

// load copies size bytes of the packet onto the stack, from where the offset puts
// register 2. Packets that are too short pass.
func load(offset asm.Instructions, to int32, size int32) asm.Instructions {
	return join(asm.Instructions{asm.Mov.Reg(asm.R1, asm.R6)}, offset, asm.Instructions{
		asm.Mov.Reg(asm.R3, asm.R10), asm.Add.Imm(asm.R3, to),
		asm.Mov.Imm(asm.R4, size),
		asm.FnSkbLoadBytes.Call(),
		asm.JNE.Imm(asm.R0, 0, "pass"),
	})
}

// space puts the cookie of the packet's network namespace into the flow: the kernel
// tells it since Linux 6.14; before, what made the socket has left it in the cache.
func space(helper bool) asm.Instructions {
	if helper {
		return label("known", asm.Instructions{
			asm.Mov.Reg(asm.R1, asm.R6),
			asm.FnGetNetnsCookie.Call(),
			asm.StoreMem(asm.R10, stFlow+flowNetNS, asm.R0, asm.DWord),
		})
	}
	return asm.Instructions{
		asm.JEq.Imm(asm.R9, 0, "spaced").WithSymbol("known"),
		asm.LoadMem(asm.R1, asm.R9, cacheNetNS, asm.DWord),
		asm.StoreMem(asm.R10, stFlow+flowNetNS, asm.R1, asm.DWord),
		asm.Mov.Reg(asm.R1, asm.R10).WithSymbol("spaced"),
	}
}

// assign stores the socket of the flow on the stack, where it is new. A connection
// first belongs to the socket that listens. When it gets one of its own, this
// inherits the owner until its first use. Raw sockets see the packets of others, and
// late packets of a closed connection come to the listener: a flow that has a socket
// stays with it.
func assign(m *maps) asm.Instructions {
	return join(
		lookup(m.flows.FD(), stFlow),
		asm.Instructions{
			asm.JEq.Imm(asm.R0, 0, "insert"),
			asm.LoadMem(asm.R1, asm.R0, sockCookie, asm.DWord),
			asm.JEq.Reg(asm.R1, asm.R7, "remember"),
			asm.LoadMem(asm.R2, asm.R8, bpfSockType, asm.Word),
			asm.JEq.Imm(asm.R2, sockRaw, "pass"),
			asm.LoadMem(asm.R3, asm.R8, bpfSockState, asm.Word),
			asm.JEq.Imm(asm.R3, stateListen, "pass"),
			asm.JNE.Imm(asm.R2, sockStream, "insert"),
			asm.LoadMem(asm.R3, asm.R0, sockState, asm.Word),
			asm.JNE.Imm(asm.R3, stateListen, "insert"),
			asm.StoreMem(asm.R10, stSocket, asm.R1, asm.DWord), // the listener's cookie
		},
		lookup(m.owners.FD(), stCookie),
		asm.Instructions{asm.JNE.Imm(asm.R0, 0, "insert")},
		lookup(m.owners.FD(), stSocket),
		asm.Instructions{asm.JEq.Imm(asm.R0, 0, "insert")},
		move(asm.R10, stOwner, asm.R0, 0, recSize),
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R10, stOwner+recHow, asm.Word),
			asm.And.Imm(asm.R1, bitOwn), asm.Or.Imm(asm.R1, int32(HowInherit)),
			asm.StoreMem(asm.R10, stOwner+recHow, asm.R1, asm.Word),
		},
		update(m.owners.FD(), stCookie, stOwner, updateNew),
		label("insert", asm.Instructions{
			asm.StoreMem(asm.R10, stSocket+sockCookie, asm.R7, asm.DWord),
			asm.LoadMem(asm.R1, asm.R8, bpfSockType, asm.Word),
			asm.StoreMem(asm.R10, stSocket+sockType, asm.R1, asm.Word),
			asm.LoadMem(asm.R1, asm.R8, bpfSockState, asm.Word),
			asm.StoreMem(asm.R10, stSocket+sockState, asm.R1, asm.Word),
		}),
		update(m.flows.FD(), stFlow, stSocket, updateAny),
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R10, stFlow+flowNetNS, asm.DWord),
			asm.StoreMem(asm.R10, stSocket, asm.R1, asm.DWord),
		},
		update(m.spaces.FD(), stFlow, stSocket, updateAny),
	)
}

// Flags of map updates.
const (
	updateAny = 0
	updateNew = 1
)
