package names

import "net/netip"

// Network returns the address of a network by the name that networks(5) has
// for it on every machine.
func Network(name string) (addr netip.Addr, ok bool) {
	switch name {
	case "default":
		return netip.AddrFrom4([4]byte{}), true
	case "loopback":
		return netip.AddrFrom4([4]byte{127}), true
	case "link-local":
		return netip.AddrFrom4([4]byte{169, 254}), true
	}
	return netip.Addr{}, false
}
