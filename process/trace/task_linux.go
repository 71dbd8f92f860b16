package trace

import "github.com/cilium/ebpf/asm"

// Places on the stack of the programs that look at tasks.
const (
	taCookie = -8
	taRecord = taCookie - recSize
	taFlow   = taRecord - flowSize
	taSocket = taFlow - sockSize
)

const (
	flagKernelThread = 0x00200000 // PF_KTHREAD
	generations      = 8          // how many ancestors are asked whether they are pkt
	protocolMPTCP    = 262
)

// taskCode makes the programs that learn which process uses a socket.
type taskCode struct {
	maps
	offsets
	self   int32 // own tgid: descendants are marked; 0: nobody is
	tuples bool  // store the socket's flow too, because no program sees packets
}

// ioProgram runs when a process has sent or received on a socket: arguments sk, …
// Registers: 6 the socket's cookie, 7 the socket, 8 the task, 9 the tgid.
func (c *taskCode) ioProgram() asm.Instructions {
	return join(
		asm.Instructions{asm.LoadMem(asm.R7, asm.R1, 0, asm.DWord)},
		c.internet(),
		// What most calls find: the same process used the socket before.
		asm.Instructions{
			asm.LoadMem(asm.R6, asm.R7, c.cookie, asm.DWord),
			asm.FnGetCurrentPidTgid.Call(),
			asm.RSh.Imm(asm.R0, 32),
			asm.Mov.Reg(asm.R9, asm.R0),
		},
		storage(c.cache.FD(), asm.R7, 0),
		asm.Instructions{
			asm.JEq.Imm(asm.R0, 0, "changed"),
			asm.LoadMem(asm.R1, asm.R0, cacheCookie, asm.DWord),
			asm.JNE.Reg(asm.R1, asm.R6, "changed"),
			asm.LoadMem(asm.R1, asm.R0, cacheTGID, asm.Word),
			asm.JEq.Reg(asm.R1, asm.R9, "out"),
			asm.FnGetCurrentTaskBtf.Call().WithSymbol("changed"),
			asm.Mov.Reg(asm.R8, asm.R0),
		},
		c.socketCookie(),
		c.record(HowIO),
		update(c.owners.FD(), taCookie, taRecord, updateAny),
		c.flow(),
		c.seen(),
		end("out", 0),
	)
}

// stateProgram runs when a connection changes its state: arguments sk, old, new. It
// cares for those that a process causes: to connect, to listen, and to close. Who
// closes last is the owner only of sockets that nobody used.
func (c *taskCode) stateProgram() asm.Instructions {
	const synSent, finWait1, lastAck = 2, 4, 9
	return join(
		asm.Instructions{
			asm.LoadMem(asm.R7, asm.R1, 0, asm.DWord),
			asm.LoadMem(asm.R6, asm.R1, 16, asm.DWord),
		},
		c.internet(),
		asm.Instructions{
			asm.JEq.Imm(asm.R6, synSent, "cares"),
			asm.JEq.Imm(asm.R6, finWait1, "cares"),
			asm.JEq.Imm(asm.R6, lastAck, "cares"),
			asm.JNE.Imm(asm.R6, stateListen, "out"),
			asm.FnGetCurrentTaskBtf.Call().WithSymbol("cares"),
			asm.Mov.Reg(asm.R8, asm.R0),
			asm.LoadMem(asm.R9, asm.R8, c.tgid, asm.Word),
		},
		c.socketCookie(),
		lookup(c.owners.FD(), taCookie),
		asm.Instructions{
			asm.JEq.Imm(asm.R0, 0, "write"),
			asm.LoadMem(asm.R1, asm.R0, recHow, asm.Word),
			asm.And.Imm(asm.R1, howMask),
			asm.JEq.Imm(asm.R1, int32(HowIO), "out"),
		},
		label("write", c.record(HowState)),
		update(c.owners.FD(), taCookie, taRecord, updateAny),
		c.flow(),
		end("out", 0),
	)
}

// fileProgram runs for every open file of every task: context meta, task, fd, file.
// It stores who has a socket open of which no better owner is known. Of several
// processes that have a connection open the youngest is taken, since workers are
// younger than who started them; of a listener the first one.
func (c *taskCode) fileProgram() asm.Instructions {
	return join(
		asm.Instructions{
			asm.LoadMem(asm.R8, asm.R1, 8, asm.DWord),
			asm.LoadMem(asm.R1, asm.R1, 24, asm.DWord),
			asm.JEq.Imm(asm.R8, 0, "out"),
			asm.JEq.Imm(asm.R1, 0, "out"),
			asm.FnSockFromFile.Call(),
			asm.JEq.Imm(asm.R0, 0, "out"),
			asm.LoadMem(asm.R7, asm.R0, c.socketSk, asm.DWord),
			asm.JEq.Imm(asm.R7, 0, "out"),
		},
		c.internet(),
		asm.Instructions{asm.LoadMem(asm.R9, asm.R8, c.tgid, asm.Word)},
		c.socketCookie(),
		lookup(c.owners.FD(), taCookie),
		asm.Instructions{
			asm.JEq.Imm(asm.R0, 0, "write"),
			asm.LoadMem(asm.R1, asm.R0, recHow, asm.Word),
			asm.And.Imm(asm.R1, howMask),
			asm.JEq.Imm(asm.R1, int32(HowInherit), "write"),
			asm.JNE.Imm(asm.R1, int32(HowOpen), "out"),
			asm.LoadMem(asm.R1, asm.R7, c.state, asm.Byte),
			asm.JEq.Imm(asm.R1, stateListen, "out"),
			asm.LoadMem(asm.R6, asm.R0, recStart, asm.DWord),
			asm.LoadMem(asm.R2, asm.R8, c.leader, asm.DWord),
			asm.LoadMem(asm.R2, asm.R2, c.start, asm.DWord),
			asm.JLE.Reg(asm.R2, asm.R6, "out"),
		},
		label("write", c.record(HowOpen)),
		// The current user and control group are those of the reader, not the task's.
		asm.Instructions{
			asm.StoreImm(asm.R10, taRecord+recUID, -1, asm.Word),
			asm.Mov.Imm(asm.R1, 0),
			asm.StoreMem(asm.R10, taRecord+recCgroup, asm.R1, asm.DWord),
		},
		update(c.owners.FD(), taCookie, taRecord, updateAny),
		c.flow(),
		end("out", 0),
	)
}

// createProgram runs when a process has made a socket (cgroup/sock_create): the
// context is a struct bpf_sock. It needs no type information. The name of the process
// may only be asked for with CAP_PERFMON.
func createProgram(m *maps, named bool) asm.Instructions {
	name := asm.Instructions{
		asm.Mov.Reg(asm.R1, asm.R10), asm.Add.Imm(asm.R1, taRecord+recComm),
		asm.Mov.Imm(asm.R2, commLen),
		asm.FnGetCurrentComm.Call(),
	}
	if !named {
		name = nil
	}
	return join(
		asm.Instructions{
			asm.Mov.Reg(asm.R6, asm.R1),
			asm.FnGetSocketCookie.Call(),
			asm.StoreMem(asm.R10, taCookie, asm.R0, asm.DWord),
		},
		zero(taRecord, recSize),
		asm.Instructions{
			asm.FnGetCurrentPidTgid.Call(),
			asm.RSh.Imm(asm.R0, 32),
			asm.StoreMem(asm.R10, taRecord+recTGID, asm.R0, asm.Word),
			asm.FnGetCurrentUidGid.Call(),
			asm.StoreMem(asm.R10, taRecord+recUID, asm.R0, asm.Word),
			asm.FnGetCurrentCgroupId.Call(),
			asm.StoreMem(asm.R10, taRecord+recCgroup, asm.R0, asm.DWord),
			asm.StoreImm(asm.R10, taRecord+recHow, int64(HowCreate), asm.Word),
		},
		name,
		update(m.owners.FD(), taCookie, taRecord, updateAny),
		storageOfContext(m.cache.FD()),
		end("out", 1),
	)
}

// storageOfContext leaves the namespace in the cache of the socket that is being made.
func storageOfContext(fd int) asm.Instructions {
	return join(
		asm.Instructions{
			asm.Mov.Reg(asm.R1, asm.R6),
			asm.FnGetNetnsCookie.Call(),
			asm.Mov.Reg(asm.R7, asm.R0),
		},
		storage(fd, asm.R6, create),
		asm.Instructions{
			asm.JEq.Imm(asm.R0, 0, "out"),
			asm.StoreMem(asm.R0, cacheNetNS, asm.R7, asm.DWord),
		},
	)
}

// execProgram runs when a process has begun to run another program: arguments task,
// old pid, binprm. Registers: 6 what is sent, 7 the task, 8 the binprm, then the
// start of the arguments, 9 their length.
func (c *taskCode) execProgram() asm.Instructions {
	return join(
		asm.Instructions{
			asm.LoadMem(asm.R8, asm.R1, 0, asm.DWord),
			asm.LoadMem(asm.R7, asm.R1, 16, asm.DWord),
			asm.LoadMem(asm.R9, asm.R8, c.tgid, asm.Word),
		},
		c.record(HowCreate),
		asm.Instructions{
			asm.LoadMapPtr(asm.R1, c.execs.FD()),
			asm.Mov.Imm(asm.R2, execSize),
			asm.Mov.Imm(asm.R3, 0),
			asm.FnRingbufReserve.Call(),
			asm.JEq.Imm(asm.R0, 0, "out"),
			asm.Mov.Reg(asm.R6, asm.R0),
		},
		move(asm.R6, 0, asm.R10, taRecord, recSize),
		asm.Instructions{
			asm.LoadMem(asm.R3, asm.R7, c.filename, asm.DWord),
			asm.Mov.Reg(asm.R1, asm.R6), asm.Add.Imm(asm.R1, execPath),
			asm.Mov.Imm(asm.R2, pathLen),
			asm.FnProbeReadKernelStr.Call(),
			// The arguments, without the environment that lies behind them.
			asm.StoreImm(asm.R6, execArgsLen, 0, asm.Word),
			asm.LoadMem(asm.R1, asm.R8, c.mm, asm.DWord),
			asm.JEq.Imm(asm.R1, 0, "send"),
			asm.LoadMem(asm.R3, asm.R1, c.argStart, asm.DWord),
			asm.LoadMem(asm.R2, asm.R1, c.argEnd, asm.DWord),
			asm.Sub.Reg(asm.R2, asm.R3),
			asm.JLE.Imm(asm.R2, argsLen, "fits"),
			asm.Mov.Imm(asm.R2, argsLen),
			asm.JEq.Imm(asm.R2, 0, "send").WithSymbol("fits"),
			asm.Mov.Reg(asm.R9, asm.R2),
			asm.Mov.Reg(asm.R1, asm.R6), asm.Add.Imm(asm.R1, execArgs),
			asm.FnProbeReadUser.Call(),
			asm.JNE.Imm(asm.R0, 0, "send"),
			asm.StoreMem(asm.R6, execArgsLen, asm.R9, asm.Word),
			asm.Mov.Reg(asm.R1, asm.R6).WithSymbol("send"),
			asm.Mov.Imm(asm.R2, 0),
			asm.FnRingbufSubmit.Call(),
		},
		end("out", 0),
	)
}

// internet leaves the program unless the socket in register 7 is one of IPv4 or IPv6.
func (c *taskCode) internet() asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R1, asm.R7, c.family, asm.Half),
		asm.JEq.Imm(asm.R1, 2, "inet"),
		asm.JNE.Imm(asm.R1, 10, "out"),
		asm.Mov.Reg(asm.R1, asm.R7).WithSymbol("inet"),
	}
}

// socketCookie puts the cookie of the socket in register 7 onto the stack. Packets of
// an MPTCP socket belong to a TCP socket that no process sees, its first subflow:
// where it has one, the cookie is that one's.
func (c *taskCode) socketCookie() asm.Instructions {
	in := asm.Instructions{
		asm.Mov.Reg(asm.R1, asm.R7),
		asm.FnGetSocketCookie.Call(),
		asm.StoreMem(asm.R10, taCookie, asm.R0, asm.DWord),
	}
	if c.first == 0 {
		return in
	}
	return join(in,
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R7, c.protocol, asm.Half),
			asm.JNE.Imm(asm.R1, protocolMPTCP, "cookie"),
		},
		readKernel(asm.FnProbeReadKernel, taSocket, 8, asm.R7, c.first),
		asm.Instructions{
			asm.LoadMem(asm.R3, asm.R10, taSocket, asm.DWord),
			asm.JEq.Imm(asm.R3, 0, "cookie"),
			asm.Add.Imm(asm.R3, int32(c.cookie)),
			asm.Mov.Reg(asm.R1, asm.R10), asm.Add.Imm(asm.R1, taSocket),
			asm.Mov.Imm(asm.R2, 8),
			asm.FnProbeReadKernel.Call(),
			asm.LoadMem(asm.R1, asm.R10, taSocket, asm.DWord),
			asm.JEq.Imm(asm.R1, 0, "cookie"),
			asm.StoreMem(asm.R10, taCookie, asm.R1, asm.DWord),
			asm.Mov.Imm(asm.R1, 0).WithSymbol("cookie"),
		})
}

// record puts the process of the task in register 8, whose tgid is in register 9,
// onto the stack.
func (c *taskCode) record(how How) asm.Instructions {
	in := join(
		zero(taRecord, recSize),
		asm.Instructions{
			asm.StoreMem(asm.R10, taRecord+recTGID, asm.R9, asm.Word),
			asm.StoreImm(asm.R10, taRecord+recHow, int64(how), asm.Word),
			asm.LoadMem(asm.R1, asm.R8, c.flags, asm.Word),
			asm.And.Imm(asm.R1, flagKernelThread),
			asm.JEq.Imm(asm.R1, 0, "user"),
			asm.StoreImm(asm.R10, taRecord+recHow, int64(HowKernel), asm.Word),
			asm.FnGetCurrentUidGid.Call().WithSymbol("user"),
			asm.StoreMem(asm.R10, taRecord+recUID, asm.R0, asm.Word),
			asm.FnGetCurrentCgroupId.Call(),
			asm.StoreMem(asm.R10, taRecord+recCgroup, asm.R0, asm.DWord),
			// Threads have names and start times of their own: the leader's count.
			asm.LoadMem(asm.R2, asm.R8, c.leader, asm.DWord),
			asm.LoadMem(asm.R1, asm.R2, c.start, asm.DWord),
			asm.StoreMem(asm.R10, taRecord+recStart, asm.R1, asm.DWord),
			asm.LoadMem(asm.R1, asm.R2, c.parent, asm.DWord),
			asm.LoadMem(asm.R1, asm.R1, c.tgid, asm.Word),
			asm.StoreMem(asm.R10, taRecord+recPPID, asm.R1, asm.Word),
		},
		readKernel(asm.FnProbeReadKernelStr, taRecord+recComm, commLen, asm.R2, c.comm),
	)
	if c.self == 0 {
		return in
	}
	in = append(in, asm.Mov.Reg(asm.R2, asm.R8))
	for range generations {
		in = append(in,
			asm.LoadMem(asm.R2, asm.R2, c.parent, asm.DWord),
			asm.LoadMem(asm.R1, asm.R2, c.tgid, asm.Word),
			asm.JEq.Imm(asm.R1, c.self, "own"))
	}
	return append(in,
		asm.Ja.Label("marked"),
		asm.LoadMem(asm.R1, asm.R10, taRecord+recHow, asm.Word).WithSymbol("own"),
		asm.Or.Imm(asm.R1, bitOwn),
		asm.StoreMem(asm.R10, taRecord+recHow, asm.R1, asm.Word),
		asm.Mov.Imm(asm.R1, 0).WithSymbol("marked"),
	)
}

// seen tells the cache of the socket that its owner is stored, and its namespace.
func (c *taskCode) seen() asm.Instructions {
	return join(
		storage(c.cache.FD(), asm.R7, create),
		asm.Instructions{
			asm.JEq.Imm(asm.R0, 0, "out"),
			asm.LoadMem(asm.R1, asm.R7, c.cookie, asm.DWord),
			asm.StoreMem(asm.R0, cacheCookie, asm.R1, asm.DWord),
			asm.StoreMem(asm.R0, cacheTGID, asm.R9, asm.Word),
			asm.LoadMem(asm.R1, asm.R7, c.net, asm.DWord),
			asm.LoadMem(asm.R1, asm.R1, c.netCookie, asm.DWord),
			asm.StoreMem(asm.R0, cacheNetNS, asm.R1, asm.DWord),
		},
	)
}

// flow stores the flow that the socket in register 7 is connected to, with zeros
// for a remote end that it has not and for an address that it is not bound to.
func (c *taskCode) flow() asm.Instructions {
	if !c.tuples {
		return nil
	}
	read := func(to int32, size int32, at int16) asm.Instructions {
		return readKernel(asm.FnProbeReadKernel, to, size, asm.R7, at)
	}
	return join(
		zero(taFlow, flowSize),
		zero(taSocket, sockSize),
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R7, c.net, asm.DWord),
			asm.LoadMem(asm.R1, asm.R1, c.netCookie, asm.DWord),
			asm.StoreMem(asm.R10, taFlow+flowNetNS, asm.R1, asm.DWord),
			asm.LoadMem(asm.R1, asm.R7, c.protocol, asm.Half),
			asm.StoreMem(asm.R10, taFlow+flowProto, asm.R1, asm.Byte),
			asm.LoadMem(asm.R1, asm.R7, c.num, asm.Half), // in the order of the machine
			asm.HostTo(asm.BE, asm.R1, asm.Half),
			asm.StoreMem(asm.R10, taFlow+flowLocalPort, asm.R1, asm.Half),
			asm.LoadMem(asm.R1, asm.R7, c.dport, asm.Half),
			asm.StoreMem(asm.R10, taFlow+flowRemotePort, asm.R1, asm.Half),
			asm.LoadMem(asm.R1, asm.R10, taCookie, asm.DWord),
			asm.StoreMem(asm.R10, taSocket+sockCookie, asm.R1, asm.DWord),
			asm.LoadMem(asm.R1, asm.R7, c.sockType, asm.Half),
			asm.StoreMem(asm.R10, taSocket+sockType, asm.R1, asm.Word),
			asm.LoadMem(asm.R1, asm.R7, c.state, asm.Byte),
			asm.StoreMem(asm.R10, taSocket+sockState, asm.R1, asm.Word),
			asm.LoadMem(asm.R1, asm.R7, c.family, asm.Half),
			asm.JEq.Imm(asm.R1, 2, "flow4"),
			asm.StoreImm(asm.R10, taFlow+flowVersion, 6, asm.Byte),
		},
		read(taFlow+flowLocal, 16, c.src6),
		read(taFlow+flowRemote, 16, c.daddr6),
		// An IPv6 socket that talks IPv4 has mapped addresses: ::ffff:a.b.c.d.
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R10, taFlow+flowRemote, asm.DWord),
			asm.JNE.Imm(asm.R1, 0, "store"),
			asm.LoadMem(asm.R1, asm.R10, taFlow+flowRemote+8, asm.Word),
			asm.JNE.Imm32(asm.R1, mapped(), "store"),
		},
		zero(taFlow+flowLocal, 32),
		label("flow4", asm.Instructions{asm.StoreImm(asm.R10, taFlow+flowVersion, 4, asm.Byte)}),
		read(taFlow+flowLocal, 4, c.rcvSaddr),
		read(taFlow+flowRemote, 4, c.daddr),
		label("store", update(c.flows.FD(), taFlow, taSocket, updateAny)),
		asm.Instructions{
			asm.LoadMem(asm.R1, asm.R10, taFlow+flowNetNS, asm.DWord),
			asm.StoreMem(asm.R10, taSocket, asm.R1, asm.DWord),
		},
		update(c.spaces.FD(), taFlow, taSocket, updateAny),
	)
}

// mapped is the word before an IPv4 address in an IPv6 one, as this machine loads it.
func mapped() int32 {
	if networkOrder(1) == 1 {
		return -65536 // 00 00 ff ff, little endian: 0xffff0000
	}
	return 0xffff
}
