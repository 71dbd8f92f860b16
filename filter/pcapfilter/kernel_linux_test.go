package pcapfilter

import (
	"net"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// attach attaches a program to a socket, where nothing reaches it, and returns
// what the kernel says.
func attach(conn *net.UDPConn, prog []bpf.RawInstruction) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	filter := unix.SockFprog{Len: uint16(len(prog)), Filter: (*unix.SockFilter)(unsafe.Pointer(&prog[0]))}
	var attached error
	err = raw.Control(func(fd uintptr) {
		attached = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &filter)
	})
	if err != nil {
		return err
	}
	return attached
}

// TestKernelTakes attaches the programs of the corpus. The kernel has no
// backward jumps, which protochain needs; it takes everything else.
func TestKernelTakes(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Skipf("no socket: %v", err)
	}
	defer conn.Close()
	var taken, refused int
	for _, e := range corpus(t, "expressions.tsv") {
		expr := unescape(e[3])
		for _, link := range []uint16{linkTypeEthernet, linkTypeRaw, linkTypeSLL2, linkTypeRadiotap} {
			for _, live := range []bool{false, true} {
				p, err := Compile(expr, Options{Link: link, Live: live})
				if err != nil || p.UserSpaceOnly() {
					continue
				}
				if err := attach(conn, p.Raw()); err != nil {
					refused++
					t.Logf("%s, link type %d, live %v: %v", expr, link, live, err)
					continue
				}
				taken++
			}
		}
	}
	t.Logf("the kernel took %d programs and refused %d", taken, refused)
	if refused > 0 {
		t.Errorf("%d programs refused", refused)
	}
}
