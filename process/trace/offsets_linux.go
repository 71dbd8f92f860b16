package trace

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// offsets are where the kernel's structures keep what the programs read, in bytes.
type offsets struct {
	socketSk                                  int16
	family, cookie, net, state                int16 // of struct sock
	daddr, rcvSaddr, dport, num, daddr6, src6 int16
	protocol, sockType                        int16
	netCookie                                 int16
	tgid, leader, parent, comm, flags         int16 // of struct task_struct
	start, mm                                 int16
	argStart, argEnd                          int16 // of struct mm_struct
	filename                                  int16 // of struct linux_binprm
	first                                     int16 // of struct mptcp_sock: its first subflow; 0: no MPTCP
}

// loadOffsets reads the kernel's type information.
func loadOffsets() (o offsets, err error) {
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		return o, fmt.Errorf("read the kernel's BTF: %w", err)
	}
	for _, w := range []struct {
		to   *int16
		path string
	}{
		{&o.socketSk, "socket.sk"},
		{&o.family, "sock.__sk_common.skc_family"},
		{&o.state, "sock.__sk_common.skc_state"},
		{&o.cookie, "sock.__sk_common.skc_cookie"},
		{&o.net, "sock.__sk_common.skc_net"},
		{&o.daddr, "sock.__sk_common.skc_daddr"},
		{&o.rcvSaddr, "sock.__sk_common.skc_rcv_saddr"},
		{&o.dport, "sock.__sk_common.skc_dport"},
		{&o.num, "sock.__sk_common.skc_num"},
		{&o.daddr6, "sock.__sk_common.skc_v6_daddr"},
		{&o.src6, "sock.__sk_common.skc_v6_rcv_saddr"},
		{&o.protocol, "sock.sk_protocol"},
		{&o.sockType, "sock.sk_type"},
		{&o.netCookie, "net.net_cookie"},
		{&o.tgid, "task_struct.tgid"},
		{&o.leader, "task_struct.group_leader"},
		{&o.parent, "task_struct.real_parent"},
		{&o.comm, "task_struct.comm"},
		{&o.flags, "task_struct.flags"},
		{&o.start, "task_struct.start_boottime"},
		{&o.mm, "task_struct.mm"},
		{&o.argStart, "mm_struct.arg_start"},
		{&o.argEnd, "mm_struct.arg_end"},
		{&o.filename, "linux_binprm.filename"},
	} {
		if *w.to, err = offset(spec, w.path); err != nil {
			return o, err
		}
	}
	// The kernel may have been built without MPTCP.
	if o.first, err = offset(spec, "mptcp_sock.first"); err != nil {
		o.first = 0
	}
	return o, nil
}

// offset returns where struct.member.member lies. Members of unnamed structures and
// unions count as members of what holds these.
func offset(spec *btf.Spec, path string) (int16, error) {
	names := strings.Split(path, ".")
	var s *btf.Struct
	if err := spec.TypeByName(names[0], &s); err != nil {
		return 0, fmt.Errorf("struct %s: %w", names[0], err)
	}
	at, typ := uint32(0), btf.Type(s)
	for _, name := range names[1:] {
		off, t, ok := member(typ, name)
		if !ok {
			return 0, fmt.Errorf("the kernel has no %s", path)
		}
		at, typ = at+off, t
	}
	if at > 1<<15-1 {
		return 0, fmt.Errorf("%s lies %d bytes in", path, at)
	}
	return int16(at), nil
}

// member finds a member of a structure or union.
func member(t btf.Type, name string) (at uint32, typ btf.Type, ok bool) {
	var members []btf.Member
	switch t := btf.UnderlyingType(t).(type) {
	case *btf.Struct:
		members = t.Members
	case *btf.Union:
		members = t.Members
	}
	for _, m := range members {
		if m.Name == name {
			return m.Offset.Bytes(), m.Type, true
		}
		if m.Name == "" {
			if at, typ, ok := member(m.Type, name); ok {
				return m.Offset.Bytes() + at, typ, true
			}
		}
	}
	return 0, nil, false
}
