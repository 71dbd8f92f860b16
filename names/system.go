package names

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// System holds the names of one machine, out of its files services, protocols,
// networks and ethers. Where they do not have a name, the tables of this
// package answer; a nil System has only those.
type System struct {
	ports     map[portName]uint16
	protocols map[string]uint16
	networks  map[string]netip.Addr
	ethers    map[string][6]byte
}

type portName struct {
	name  string
	proto uint8
}

// ReadSystem reads the files out of a directory, /etc as a rule. A file that
// is not there has no names; lines that make no sense are passed over, as the
// C library does.
func ReadSystem(dir fs.FS) (*System, error) {
	s := &System{
		ports:     map[portName]uint16{},
		protocols: map[string]uint16{},
		networks:  map[string]netip.Addr{},
		ethers:    map[string][6]byte{},
	}
	files := []struct {
		name string
		line func(words []string)
	}{
		{"services", s.addService},
		{"protocols", s.addProtocol},
		{"networks", s.addNetwork},
		{"ethers", s.addEther},
	}
	for _, f := range files {
		text, err := fs.ReadFile(dir, f.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			if words := strings.Fields(line); len(words) >= 2 {
				f.line(words)
			}
		}
	}
	return s, nil
}

// addService takes a line of services(5): name port/protocol aliases.
func (s *System) addService(words []string) {
	number, proto, _ := strings.Cut(words[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	p, known := ProtocolNumber(proto)
	if err != nil || !known || p > 255 {
		return
	}
	for _, n := range aliases(words) {
		key := portName{n, uint8(p)}
		if _, dup := s.ports[key]; !dup {
			s.ports[key] = uint16(port)
		}
	}
}

// addProtocol takes a line of protocols(5): name number aliases.
func (s *System) addProtocol(words []string) {
	number, err := strconv.ParseUint(words[1], 10, 16)
	if err != nil {
		return
	}
	for _, n := range aliases(words) {
		if _, dup := s.protocols[n]; !dup {
			s.protocols[n] = uint16(number)
		}
	}
}

// addNetwork takes a line of networks(5): name number aliases.
func (s *System) addNetwork(words []string) {
	for strings.Count(words[1], ".") < 3 {
		words[1] += ".0"
	}
	addr, err := netip.ParseAddr(words[1])
	if err != nil || !addr.Is4() {
		return
	}
	for _, n := range aliases(words) {
		if _, dup := s.networks[n]; !dup {
			s.networks[n] = addr
		}
	}
}

// addEther takes a line of ethers(5): address name.
func (s *System) addEther(words []string) {
	parts := strings.Split(words[0], ":")
	for i, p := range parts {
		if len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	mac, err := net.ParseMAC(strings.Join(parts, ":"))
	if err != nil || len(mac) != 6 {
		return
	}
	if _, dup := s.ethers[words[1]]; !dup {
		s.ethers[words[1]] = [6]byte(mac)
	}
}

// aliases returns all names of a line whose second word is the value.
func aliases(words []string) []string { return append([]string{words[0]}, words[2:]...) }

// Port returns the port of a service name with an IP protocol.
func (s *System) Port(name string, proto uint8) (port uint16, ok bool) {
	if s != nil {
		if port, ok = s.ports[portName{name, proto}]; ok {
			return port, true
		}
	}
	return Port(name, proto)
}

// ProtocolNumber returns the number of an IP protocol by name.
func (s *System) ProtocolNumber(name string) (number uint16, ok bool) {
	if s != nil {
		if number, ok = s.protocols[name]; ok {
			return number, true
		}
	}
	return ProtocolNumber(name)
}

// Network returns the address of a network by name.
func (s *System) Network(name string) (addr netip.Addr, ok bool) {
	if s != nil {
		if addr, ok = s.networks[name]; ok {
			return addr, true
		}
	}
	return Network(name)
}

// Ether returns the Ethernet address of a host by name; only the machine's
// file has any.
func (s *System) Ether(name string) (mac [6]byte, ok bool) {
	if s != nil {
		mac, ok = s.ethers[name]
	}
	return mac, ok
}
