package process

import (
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"pkt/process/trace"
)

// traced knows owners from eBPF: the rungs 1 to 3.
type traced struct {
	tracer *trace.Tracer
	table  *Table
	facts  *facts
	execs  execs
	own    bool
	netns  uint64            // cookie of this namespace; 0: unknown
	groups map[uint64]string // inode of a control group in cgroup2 → path
	walked bool              // the control groups were read since the last refresh
	// tuples says that flows are known by their sockets' ends only, and again that
	// open files have to be read again: see find.
	tuples, again bool
	// rest is asked where the programs know no owner; nil if they see all there is.
	rest *tables
}

var viaHow = [...]Via{trace.HowCreate: ViaCreate, trace.HowIO: ViaIO, trace.HowOpen: ViaOpen,
	trace.HowInherit: ViaListener, trace.HowState: ViaState, trace.HowKernel: ViaRule}

func newTraced(t *trace.Tracer, table *Table, f *facts, own bool) *traced {
	return &traced{
		tracer: t, table: table, facts: f, own: own, netns: ownNetNS(),
		tuples: t.Missing(trace.PartPackets) != nil,
	}
}

// ownNetNS returns the cookie of the namespace of this process; 0 before Linux 5.14.
func ownNetNS() uint64 {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if err != nil {
		return 0
	}
	return cookie
}

// find implements method.
func (t *traced) find(f Flow) (ID, Via, bool) {
	s, found := t.socket(f)
	if !found {
		return Nobody, ViaNone, false
	}
	r, ok := t.tracer.Owner(s.Cookie)
	if !ok && t.rest != nil {
		if id, via, ok := t.rest.find(f); ok && id != Nobody {
			return id, via, true
		}
	}
	if !ok {
		// A stream without an owner was closed before this began. Sockets of other
		// types that no process has made are the kernel's.
		return Nobody, ViaNone, s.Type != unix.SOCK_STREAM
	}
	if r.How == trace.HowInherit && t.tracer.Missing(trace.PartIO) != nil {
		t.again = true
	}
	if r.How == trace.HowKernel {
		return Kernel, ViaRule, true
	}
	return t.identify(r), viaHow[r.How], true
}

// socket looks for the socket of the source's end: in this namespace, then in all.
func (t *traced) socket(f Flow) (trace.Socket, bool) {
	k := trace.Flow{Proto: f.Proto, LocalPort: f.Src.Port(), RemotePort: f.Dst.Port(), NetNS: t.netns}
	version(&k, f.Src.Addr())
	put(&k.Local, f.Src.Addr())
	put(&k.Remote, f.Dst.Addr())
	if s, ok := t.lookup(&k); ok || !t.tuples {
		return s, ok
	}
	// Sockets that are not connected: bound to the address, then to any.
	k.Remote, k.RemotePort = [16]byte{}, 0
	if s, ok := t.lookup(&k); ok {
		return s, ok
	}
	k.Local = [16]byte{}
	if s, ok := t.lookup(&k); ok {
		return s, ok
	}
	k.IPVersion = 6
	return t.lookup(&k)
}

func (t *traced) lookup(k *trace.Flow) (trace.Socket, bool) {
	if t.netns != 0 {
		k.NetNS = t.netns
		if s, ok := t.tracer.Socket(k); ok {
			return s, ok
		}
	}
	k.NetNS = 0
	return t.tracer.Socket(k)
}

func version(k *trace.Flow, a netip.Addr) {
	k.IPVersion = 6
	if a.Is4() {
		k.IPVersion = 4
	}
}

func put(to *[16]byte, a netip.Addr) {
	if a.Is4() {
		b := a.As4()
		copy(to[:], b[:])
		return
	}
	*to = a.As16()
}

// identify returns the ID of the process of a record, which it describes when it is
// met first.
func (t *traced) identify(r trace.Record) ID {
	start := r.Start / tick
	if start != 0 {
		if id, ok := t.table.find(r.TGID, start, start); ok {
			t.mark(id, r)
			return id
		}
	} else {
		// Who creates a socket has no start in its record.
		start, _ = t.facts.start(r.TGID)
		if start == 0 {
			if id, ok := t.table.find(r.TGID, 0, ^uint64(0)); ok && (r.Comm == "" || t.table.Owner(id).Comm == r.Comm) {
				return id
			}
		} else if id, ok := t.table.find(r.TGID, start, start); ok {
			return id
		}
	}
	o, alive := t.facts.read(r.TGID)
	if !alive || start != 0 && o.Start != start {
		o = t.remembered(r)
		o.Start = start
	}
	if o.Cgroup == "" {
		o.Group = ParseGroup(t.group(r.Cgroup))
	}
	o.Own = r.Own
	return t.table.add(o, "")
}

// mark notes that an owner turned out to descend from this process.
func (t *traced) mark(id ID, r trace.Record) {
	if r.Own && !t.table.Owner(id).Own {
		t.table.change(id, func(o *Owner) { o.Own = true })
	}
}

// remembered describes a process that is gone by what it started, or, if it never
// did, by its parent, whose program it ran then.
func (t *traced) remembered(r trace.Record) Owner {
	o := Owner{PID: r.TGID, PPID: r.PPID, Comm: r.Comm, UID: r.UID, HasUID: r.HasUID}
	if r.HasUID {
		o.User = t.facts.user(r.UID)
	}
	o.Chain = t.facts.chain(r.PPID)
	if x, ok := t.execs.of(keyOf(r)); ok {
		o.Comm, o.Exe, o.Args = x.Comm, absolute(x.Path), x.Args
		return o
	}
	if id, ok := t.table.find(r.PPID, 0, r.Start/tick); ok {
		if parent := t.table.Owner(id); parent.Comm == r.Comm {
			o.Exe, o.Args, o.NetNS = parent.Exe, parent.Args, parent.NetNS
		}
	} else if parent, ok := t.facts.read(r.PPID); ok && parent.Comm == r.Comm {
		o.Exe, o.Args, o.NetNS = parent.Exe, parent.Args, parent.NetNS
	}
	return o
}

// absolute returns a path if it is one from the root.
func absolute(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return ""
}

// refresh implements method: programs that were started, and once more who has
// sockets open, where some were only known by their listener.
func (t *traced) refresh() error {
	t.walked = false
	if t.rest != nil {
		t.rest.refresh()
	}
	err := t.tracer.Execs(func(x trace.Exec) {
		t.execs.add(x)
		if id, ok := t.table.find(x.TGID, x.Start/tick, x.Start/tick); ok {
			t.table.change(id, func(o *Owner) {
				o.Comm, o.Args = x.Comm, x.Args
				if exe := absolute(x.Path); exe != "" {
					o.Exe = exe
				}
			})
		}
	})
	if t.again {
		t.again = false
		err = errors.Join(err, t.tracer.ReadFiles())
	}
	return err
}

// Close implements method.
func (t *traced) Close() error {
	err := t.tracer.Close()
	if t.rest != nil {
		err = errors.Join(err, t.rest.Close())
	}
	return err
}

const groupsMax = 1 << 16 // control groups that are remembered

// group returns the path of a control group by its inode, "" if it is not found. The
// tree is read at most once a tick.
func (t *traced) group(inode uint64) string {
	if path, ok := t.groups[inode]; ok || inode == 0 || t.walked {
		return path
	}
	t.walked = true
	root, err := trace.Mounted()
	if err != nil {
		return ""
	}
	t.groups = map[uint64]string{}
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if len(t.groups) >= groupsMax {
			return fs.SkipAll
		}
		if info, err := d.Info(); err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				t.groups[st.Ino] = "/" + strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
			}
		}
		return nil
	})
	return t.groups[inode]
}
