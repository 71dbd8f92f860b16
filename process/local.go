package process

import (
	"net"
	"net/netip"
)

// addresses are those of the interfaces of this network namespace.
type addresses struct {
	known map[netip.Addr]bool
}

// refresh reads them again. Where that fails the old ones stay.
func (a *addresses) refresh() {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return
	}
	if a.known == nil {
		a.known = map[netip.Addr]bool{}
	}
	clear(a.known)
	for _, at := range list {
		n, ok := at.(*net.IPNet)
		if !ok {
			continue
		}
		addr, ok := netip.AddrFromSlice(n.IP)
		if !ok {
			continue
		}
		addr = addr.Unmap()
		a.known[addr] = true
		ones, bits := n.Mask.Size()
		if addr.Is4() && bits == 32 && ones < 31 {
			a.known[broadcast(addr, ones)] = true
		}
	}
}

// broadcast returns the last address of an IPv4 network.
func broadcast(a netip.Addr, bits int) netip.Addr {
	b := a.As4()
	for i := bits; i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// has reports whether an address is one of this namespace, or one that everybody
// listens to.
func (a *addresses) has(addr netip.Addr) bool {
	return a.known[addr] || addr.IsLoopback() || addr.IsMulticast() || addr.IsUnspecified() ||
		addr == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}
