package process

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"pkt/process/conntrack"
	"pkt/process/sockdiag"
	"pkt/process/trace"
)

// Examine finds out what this machine allows, by trying: it loads and attaches the
// programs for a moment.
func Examine() []Check {
	checks := machineChecks()
	checks = append(checks, capabilityChecks()...)
	checks = append(checks, captureCheck(), natCheck())
	return append(checks, rungChecks()...)
}

// machineChecks are about the kernel.
func machineChecks() []Check {
	const area = "machine"
	var u unix.Utsname
	unix.Uname(&u)
	checks := []Check{{area, "kernel", true, unix.ByteSliceToString(u.Release[:]), ""}}
	_, err := os.Stat("/sys/kernel/btf/vmlinux")
	checks = append(checks, Check{area, "BTF", err == nil, found(err == nil),
		"the kernel's type information, for programs that look at tasks"})
	checks = append(checks, lockdownCheck())
	path, err := trace.Mounted()
	note := "programs that see packets hang on its root"
	if err != nil {
		path, note = "not mounted", note+"; a mount of its own is tried"
	}
	checks = append(checks, Check{area, "cgroup2", err == nil, path, note})
	var st unix.Stat_t
	own := unix.Stat("/proc/self/ns/pid", &st) == nil && st.Ino == initPID
	return append(checks, Check{area, "pid namespace", own, map[bool]string{true: "the first", false: "of a container"}[own],
		"pids of eBPF are those of the first one"})
}

// initPID is the inode of the first pid namespace (PROC_PID_INIT_INO).
const initPID = 0xEFFFFFFC

// lockdownCheck reads how far the kernel is locked down: confidentiality forbids
// programs to read its memory.
func lockdownCheck() Check {
	c := Check{"machine", "lockdown", true, "not known", "confidentiality forbids programs that look at tasks"}
	text, err := os.ReadFile("/sys/kernel/security/lockdown")
	if err != nil {
		return c
	}
	if _, rest, ok := strings.Cut(string(text), "["); ok {
		c.Value, _, _ = strings.Cut(rest, "]")
	}
	c.OK = c.Value != "confidentiality"
	return c
}

// capabilityChecks are about what this process may do.
func capabilityChecks() []Check {
	var checks []Check
	for _, w := range []struct {
		name string
		bit  uint
		note string
	}{
		{"CAP_NET_RAW", unix.CAP_NET_RAW, "to capture"},
		{"CAP_NET_ADMIN", unix.CAP_NET_ADMIN, "to see with eBPF which socket a packet belongs to; promiscuous mode"},
		{"CAP_BPF", unix.CAP_BPF, "to load eBPF programs"},
		{"CAP_PERFMON", unix.CAP_PERFMON, "to see with eBPF which process uses a socket"},
		{"CAP_SYS_PTRACE", unix.CAP_SYS_PTRACE, "to look at the files of other users' processes"},
		{"CAP_DAC_READ_SEARCH", unix.CAP_DAC_READ_SEARCH, "likewise"},
		{"CAP_SYS_ADMIN", unix.CAP_SYS_ADMIN, "to list the sockets of other network namespaces; stands for CAP_BPF and CAP_PERFMON"},
	} {
		ok := capable(w.bit)
		checks = append(checks, Check{"machine", w.name, ok, found(ok), w.note})
	}
	return checks
}

// capable reports whether this process has a capability.
func capable(bit uint) bool {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&hdr, &data[0]) != nil {
		return false
	}
	return data[bit/32].Effective>>(bit%32)&1 != 0
}

// captureCheck opens a packet socket.
func captureCheck() Check {
	c := Check{Area: "capture", Name: "packet socket"}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		c.Value, c.Note = "no", err.Error()
		return c
	}
	unix.Close(fd)
	c.OK, c.Value, c.Note = true, "yes", "packets of interfaces can be captured"
	return c
}

// natCheck asks what is translated in this network namespace.
func natCheck() Check {
	c := Check{Area: "capture", Name: "NAT", OK: true, Value: "no", Note: "the kernel tracks no connections, so it translates none"}
	if !conntrack.Loaded() {
		return c
	}
	translated := 0
	err := conntrack.List(func(c conntrack.Connection) {
		if c.Translated {
			translated++
		}
	})
	if err != nil {
		c.OK = false
		c.Note = fmt.Sprintf("flows behind NAT are not joined with their sockets: that needs CAP_NET_ADMIN: %v", err)
		return c
	}
	c.Value = fmt.Sprintf("%d flows", translated)
	c.Note = "flows that are translated now; they are joined with their sockets through conntrack"
	return c
}

// rungChecks try all rungs.
func rungChecks() []Check {
	reasons := map[Rung]error{}
	t, err := trace.Open(trace.Options{Sockets: 1024})
	for r := RungExact; r <= RungCreators; r++ {
		if reasons[r] = err; t != nil {
			reasons[r] = whyNot(t, r)
		}
	}
	if t != nil {
		t.Close()
	}
	diag, err := sockdiag.Dial(nil)
	if err == nil {
		err = diag.Dump(sockdiag.TCP, func(sockdiag.Socket) {})
		diag.Close()
	}
	reasons[RungOwnUser] = err
	reasons[RungTables] = errors.Join(err, mayReadAll())
	var checks []Check
	for _, s := range steps {
		c := Check{Area: "attribution", Name: "rung " + s.Name, OK: reasons[s.Rung] == nil, Value: found(reasons[s.Rung] == nil)}
		c.Note = fmt.Sprintf("%s. Does not know: %s", s.Method, s.Unknown)
		if !c.OK {
			c.Note = fmt.Sprintf("%s. Needs %s: %s", s.Method, s.Needs, strings.ReplaceAll(reasons[s.Rung].Error(), "\n", "; "))
		}
		checks = append(checks, c)
	}
	return checks
}

func found(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}
