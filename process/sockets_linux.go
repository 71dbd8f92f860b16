package process

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"pkt/process/sockdiag"
)

// Sockets lists the open sockets: of all network namespaces where the caller may enter
// them, which takes CAP_SYS_ADMIN, else of its own.
func Sockets(opt SocketOptions) (Listing, error) {
	var l Listing
	f, err := newFacts()
	if err != nil {
		return l, err
	}
	if opt.Protos == nil {
		for p := range sockdiag.NumProtos {
			opt.Protos = append(opt.Protos, p)
		}
	}
	spaces := namespaces(opt.OwnSpace)
	defer func() {
		for _, s := range spaces {
			s.file.Close()
		}
	}()
	for _, s := range spaces {
		if s.own {
			l.Own = s.inode
		}
		err := l.add(s, opt.Protos)
		switch {
		case err == nil:
			l.Spaces++
		case errors.Is(err, fs.ErrPermission) && !s.own:
			l.Closed++
		default:
			return l, err
		}
	}
	l.own(f)
	return l, nil
}

// space is a network namespace.
type space struct {
	inode uint64
	file  *os.File
	own   bool
}

// namespaces returns the network namespaces that processes are in or that have a name
// under /run/netns, this process's own first.
func namespaces(own bool) (list []space) {
	known := map[uint64]bool{}
	add := func(path string) {
		var st unix.Stat_t
		if unix.Stat(path, &st) != nil || known[st.Ino] {
			return
		}
		f, err := os.Open(path)
		if err != nil {
			return
		}
		known[st.Ino] = true
		list = append(list, space{st.Ino, f, len(list) == 0})
	}
	add("/proc/self/ns/net")
	if own {
		return list
	}
	for _, pid := range pids() {
		add("/proc/" + strconv.FormatUint(uint64(pid), 10) + "/ns/net")
	}
	named, _ := filepath.Glob("/run/netns/*")
	for _, path := range named {
		// A leftover of a namespace that is gone is a plain file.
		var st unix.Statfs_t
		if unix.Statfs(path, &st) == nil && st.Type == unix.NSFS_MAGIC {
			add(path)
		}
	}
	return list
}

// add lists the sockets of one namespace.
func (l *Listing) add(s space, protos []sockdiag.Proto) error {
	var ns *os.File
	if !s.own {
		ns = s.file
	}
	diag, err := sockdiag.Dial(ns)
	if err != nil {
		return err
	}
	defer diag.Close()
	ifaces := interfaces(ns)
	for _, p := range protos {
		err := diag.Dump(p, func(d sockdiag.Socket) {
			l.Sockets = append(l.Sockets, Socket{Socket: d, NetNS: s.inode, Iface: ifaces[d.Iface]})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// interfaces returns the names of a namespace's interfaces by index.
func interfaces(ns *os.File) map[uint32]string {
	names := map[uint32]string{}
	sockdiag.Within(ns, func() error {
		list, err := net.Interfaces()
		for _, i := range list {
			names[uint32(i.Index)] = i.Name
		}
		return err
	})
	return names
}

// own finds who has the sockets open.
func (l *Listing) own(f *facts) {
	wanted := make(map[uint64][]Holder, len(l.Sockets))
	for i := range l.Sockets {
		if inode := l.Sockets[i].Inode; inode != 0 {
			wanted[inode] = nil
		}
	}
	comms := map[uint32]string{}
	l.Denied = eachSocket(func(inode uint64, pid, fd uint32) {
		if holders, ok := wanted[inode]; ok {
			if _, ok := comms[pid]; !ok {
				comms[pid] = f.comm(pid)
			}
			wanted[inode] = append(holders, Holder{pid, fd, comms[pid]})
		}
	})
	owners := map[uint32]Owner{}
	for i := range l.Sockets {
		s := &l.Sockets[i]
		if s.Holders = wanted[s.Inode]; len(s.Holders) == 0 {
			s.Owner = Owner{UID: s.UID, HasUID: true, User: f.user(s.UID)}
			continue
		}
		slices.SortFunc(s.Holders, func(a, b Holder) int { return int(a.PID) - int(b.PID) })
		pid := s.Holders[0].PID
		o, ok := owners[pid]
		if !ok {
			o, _ = f.read(pid)
			owners[pid] = o
		}
		s.Owner = o
	}
}
