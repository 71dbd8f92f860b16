package process

import (
	"pkt/process/sockdiag"
	"pkt/process/trace"
)

// seed tells the programs who has sockets open, where they cannot find out
// themselves: by sock_diag, which names cookies, and /proc. What the caller may not
// see stays unknown. The same tables are asked later about connections whose
// listener no process has made, as that of an MPTCP socket.
func (t *traced) seed() {
	rest, err := newTables(t.table, t.facts)
	if err != nil {
		return
	}
	t.rest = rest
	inodes := openSockets(nil)
	for _, proto := range []sockdiag.Proto{sockdiag.TCP, sockdiag.UDP, sockdiag.UDPLite, sockdiag.Raw} {
		rest.diag.Dump(proto, func(s sockdiag.Socket) {
			pid, ok := inodes[s.Inode]
			if !ok || s.Cookie == 0 || s.Inode == 0 {
				return
			}
			if o, alive := t.facts.read(pid); alive {
				t.tracer.SetOwner(s.Cookie, trace.Record{TGID: o.PID, PPID: o.PPID, UID: o.UID, HasUID: o.HasUID,
					Start: o.Start * tick, Comm: o.Comm, How: trace.HowOpen})
			}
		})
	}
}
