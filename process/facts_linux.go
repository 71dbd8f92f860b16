package process

import (
	"os/user"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

const (
	ancestors = 8       // how many are named
	argsMax   = 512     // bytes of a command line that are kept
	tick      = 1e7     // ns: /proc counts in hundredths of a second
	usersMax  = 1 << 14 // names that are remembered
)

// facts reads what /proc knows of processes.
type facts struct {
	fs    procfs.FS
	users map[uint32]string
}

func newFacts() (*facts, error) {
	fs, err := procfs.NewDefaultFS()
	return &facts{fs: fs, users: map[uint32]string{}}, err
}

// start returns when a process started, in hundredths of a second since boot; false
// if it is gone.
func (f *facts) start(pid uint32) (uint64, bool) {
	p, err := f.fs.Proc(int(pid))
	if err != nil {
		return 0, false
	}
	s, err := p.Stat()
	return s.Starttime, err == nil
}

// read returns what /proc says of a process; false if it is gone. What the caller may
// not see stays empty.
func (f *facts) read(pid uint32) (o Owner, ok bool) {
	p, err := f.fs.Proc(int(pid))
	if err != nil {
		return o, false
	}
	s, err := p.Stat()
	if err != nil {
		return o, false
	}
	o = Owner{PID: pid, Start: s.Starttime, PPID: uint32(max(s.PPID, 0)), Comm: s.Comm}
	if exe, err := p.Executable(); err == nil {
		o.Exe = strings.TrimSuffix(exe, " (deleted)")
	}
	if args, err := p.CmdLine(); err == nil {
		o.Args = cut(strings.Join(args, " "))
	}
	if status, err := p.NewStatus(); err == nil {
		o.UID, o.HasUID = uint32(status.UIDs[1]), true // the effective one
		o.User = f.user(o.UID)
	}
	if groups, err := p.Cgroups(); err == nil {
		o.Group = ParseGroup(groupPath(groups))
	}
	o.NetNS = netns("/proc/" + strconv.FormatUint(uint64(pid), 10))
	o.Chain = f.chain(o.PPID)
	return o, true
}

// chain names a process and its ancestors.
func (f *facts) chain(pid uint32) (names []string) {
	for range ancestors {
		if pid == 0 {
			break
		}
		p, err := f.fs.Proc(int(pid))
		if err != nil {
			break
		}
		s, err := p.Stat()
		if err != nil {
			break
		}
		names = append(names, s.Comm+"/"+strconv.FormatUint(uint64(pid), 10))
		pid = uint32(max(s.PPID, 0))
	}
	return names
}

// user returns the name of a user, or its digits.
func (f *facts) user(uid uint32) string {
	if name, ok := f.users[uid]; ok {
		return name
	}
	name := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	if len(f.users) < usersMax {
		f.users[uid] = name
	}
	return name
}

// groupPath picks the control group that says most: that of cgroup2, unless it is the
// root; then systemd's own tree; then any that is not a root.
func groupPath(groups []procfs.Cgroup) string {
	best, rank := "", 0
	for _, g := range groups {
		r := 1
		switch {
		case g.Path == "/" || g.Path == "":
			r = 0
		case g.HierarchyID == 0:
			r = 3
		case len(g.Controllers) == 1 && g.Controllers[0] == "name=systemd":
			r = 2
		}
		if best == "" || r > rank {
			best, rank = g.Path, r
		}
	}
	return best
}

// netns returns the inode of the network namespace of a process, 0 if it cannot be
// seen. dir is its folder in /proc.
func netns(dir string) uint64 {
	var st unix.Stat_t
	if unix.Stat(dir+"/ns/net", &st) != nil {
		return 0
	}
	return st.Ino
}

// cut shortens a command line.
func cut(s string) string {
	if len(s) > argsMax {
		return s[:argsMax]
	}
	return s
}

// comm returns the name of a process, "" if it is gone.
func (f *facts) comm(pid uint32) string {
	p, err := f.fs.Proc(int(pid))
	if err != nil {
		return ""
	}
	name, _ := p.Comm()
	return name
}
