package sockdiag

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// readProcRaw reads /proc/net/raw or raw6, whose lines are
//
//	sl local:protocol remote:0 state tx:rx tr:when retransmits uid timeout inode …
//
// with addresses as 32-bit words in the byte order of the machine.
func readProcRaw(r io.Reader, each func(Socket)) error {
	lines := bufio.NewScanner(r)
	lines.Scan() // the header
	for lines.Scan() {
		if s, ok := parseProcRaw(lines.Text()); ok {
			each(s)
		}
	}
	return lines.Err()
}

// parseProcRaw reads one line.
func parseProcRaw(line string) (s Socket, ok bool) {
	f := strings.Fields(line)
	if len(f) < 10 {
		return s, false
	}
	local, protocol, ok1 := procAddr(f[1])
	remote, _, ok2 := procAddr(f[2])
	state, err1 := strconv.ParseUint(f[3], 16, 8)
	tx, rx, _ := strings.Cut(f[4], ":")
	send, err2 := strconv.ParseUint(tx, 16, 32)
	recv, err3 := strconv.ParseUint(rx, 16, 32)
	uid, err4 := strconv.ParseUint(f[7], 10, 32)
	inode, err5 := strconv.ParseUint(f[9], 10, 64)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			return s, false
		}
	}
	s = Socket{
		Proto: Raw, State: State(state), Protocol: protocol, Inode: inode, UID: uint32(uid),
		Local: netip.AddrPortFrom(local, 0), Remote: netip.AddrPortFrom(remote, 0),
		SendQ: uint32(send), RecvQ: uint32(recv),
	}
	if s.State >= NumStates {
		s.State = StateUnknown
	}
	return s, ok1 && ok2
}

// procAddr reads an address of /proc/net: words of 8 hexadecimal digits, a colon,
// and a number of 4.
func procAddr(text string) (a netip.Addr, number uint16, ok bool) {
	words, digits, found := strings.Cut(text, ":")
	raw, err := hex.DecodeString(words)
	n, err2 := strconv.ParseUint(digits, 16, 16)
	if !found || err != nil || err2 != nil || len(raw)%4 != 0 {
		return a, 0, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	a, ok = netip.AddrFromSlice(raw)
	return a, uint16(n), ok
}
