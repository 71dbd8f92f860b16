package process

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"pkt/process/sockdiag"
)

// tables knows owners from the kernel's tables of sockets and from the files that
// processes have open: the rungs 4 and 5. Both are read anew at each refresh in which
// somebody asks.
type tables struct {
	table *Table
	facts *facts
	diag  *sockdiag.Conn
	fresh bool

	exact  map[Flow]place
	port   map[portKey]place // sockets that are not connected, by their local port
	inodes map[uint64]uint32 // → pid
	ids    map[uint64]ID     // by inode, since the last refresh
}

// place is a socket in the kernel's tables.
type place struct {
	inode uint64
	uid   uint32
}

type portKey struct {
	proto uint8
	port  uint16
}

func newTables(table *Table, f *facts) (*tables, error) {
	diag, err := sockdiag.Dial(nil)
	if err != nil {
		return nil, err
	}
	return &tables{table: table, facts: f, diag: diag,
		exact: map[Flow]place{}, port: map[portKey]place{}, inodes: map[uint64]uint32{}, ids: map[uint64]ID{}}, nil
}

// find implements method: the socket of the flow, then one on its local port, a guess.
func (t *tables) find(f Flow) (ID, Via, bool) {
	t.look()
	if p, ok := t.exact[f]; ok {
		return t.owner(p, ViaSocket)
	}
	if p, ok := t.port[portKey{f.Proto, f.Src.Port()}]; ok && f.Src.Port() != 0 {
		return t.owner(p, ViaPort)
	}
	return Nobody, ViaNone, false
}

// owner returns the process that has a socket open, or else its user.
func (t *tables) owner(p place, via Via) (ID, Via, bool) {
	if id, ok := t.ids[p.inode]; ok && p.inode != 0 {
		return id, via, true
	}
	if pid, ok := t.inodes[p.inode]; ok && p.inode != 0 {
		if o, alive := t.facts.read(pid); alive {
			id := t.table.add(o, "")
			t.ids[p.inode] = id
			return id, via, true
		}
	}
	if p.inode == 0 {
		return Nobody, ViaNone, true // closed: the kernel ends it
	}
	id := t.table.add(Owner{UID: p.uid, HasUID: true, User: t.facts.user(p.uid)}, "")
	t.ids[p.inode] = id
	return id, ViaUser, true
}

// refresh implements method.
func (t *tables) refresh() error {
	t.fresh = false
	return nil
}

// look reads the tables unless that was done since the last refresh.
func (t *tables) look() {
	if t.fresh {
		return
	}
	t.fresh = true
	clear(t.exact)
	clear(t.port)
	clear(t.ids)
	for proto, number := range map[sockdiag.Proto]uint8{sockdiag.TCP: 6, sockdiag.UDP: 17, sockdiag.UDPLite: 136} {
		t.diag.Dump(proto, func(s sockdiag.Socket) { t.take(number, s) })
	}
	t.inodes = openSockets(t.inodes)
}

// take enters a socket into the tables.
func (t *tables) take(proto uint8, s sockdiag.Socket) {
	p := place{s.Inode, s.UID}
	local, remote := plain(s.Local), plain(s.Remote)
	if remote.Port() != 0 {
		t.exact[Flow{local, remote, proto}] = p
		return
	}
	k := portKey{proto, local.Port()}
	if _, ok := t.port[k]; !ok || s.Inode != 0 {
		t.port[k] = p
	}
}

// plain returns an IPv4 address for one that is mapped into IPv6.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// Close implements method.
func (t *tables) Close() error { return t.diag.Close() }

// openSockets reads which process has which socket open, by inode. Of several it is
// the one with the smallest pid, which usually started the others. Files of processes
// that the caller may not look at are left out.
func openSockets(found map[uint64]uint32) map[uint64]uint32 {
	if found == nil {
		found = map[uint64]uint32{}
	}
	clear(found)
	eachSocket(func(inode uint64, pid, _ uint32) {
		if old, ok := found[inode]; !ok || pid < old {
			found[inode] = pid
		}
	})
	return found
}

// eachSocket calls each for every socket that a process has open. It returns how many
// processes may not be looked at.
func eachSocket(each func(inode uint64, pid, fd uint32)) (denied int) {
	for _, pid := range pids() {
		dir := "/proc/" + strconv.FormatUint(uint64(pid), 10) + "/fd/"
		d, err := os.Open(dir)
		if err != nil {
			if errors.Is(err, fs.ErrPermission) {
				denied++
			}
			continue
		}
		names, _ := d.Readdirnames(-1)
		d.Close()
		for i, name := range names {
			target, err := os.Readlink(dir + name)
			if err != nil {
				if i == 0 && errors.Is(err, fs.ErrPermission) {
					denied++
				}
				continue
			}
			digits, ok := strings.CutPrefix(target, "socket:[")
			if !ok {
				continue
			}
			inode, err := strconv.ParseUint(strings.TrimSuffix(digits, "]"), 10, 64)
			fd, err2 := strconv.ParseUint(name, 10, 32)
			if err == nil && err2 == nil {
				each(inode, pid, uint32(fd))
			}
		}
	}
	return denied
}

// pids returns the processes that can be seen, in ascending order.
func pids() (list []uint32) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.ParseUint(name, 10, 32); err == nil {
			list = append(list, uint32(pid))
		}
	}
	slices.Sort(list)
	return list
}
