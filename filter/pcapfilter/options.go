package pcapfilter

import (
	"net/netip"

	"pkt/names"
)

// NetmaskUnknown is the netmask of an interface that has no IPv4 address: with
// it "ip broadcast" cannot be compiled.
const NetmaskUnknown = ^uint32(0)

// Options say what a program is for. The zero value is a capture of LINKTYPE_
// 0, read from a file; only Link has to be set as a rule.
type Options struct {
	Link    uint16 // LINKTYPE_ value of the frames
	SnapLen uint32 // what an accepted packet is cut to; 0 is 262144
	Netmask uint32 // of the network captured from, for "ip broadcast"
	// Live says that the program is for frames of this machine's kernel:
	// VLAN tags, direction and interface come from its ancillary data.
	Live bool
	// BigEndian is the byte order of the capturing host, in which some link
	// layers have their header.
	BigEndian bool
	// Names are the machine's names for services, protocols, networks and
	// Ethernet hosts, which come before the tables of package names; may be nil.
	Names *names.System
	// Resolver looks up host names; nil knows localhost only.
	Resolver Resolver
}

// Resolver looks up host names for Compile, which calls it from its own
// goroutine, once for every name in the expression. How long it takes and
// whether it asks a network is its own affair; no addresses mean that the name
// is not known.
type Resolver interface {
	LookupHost(name string) []netip.Addr
}

// defaultSnapLen is what tcpdump cuts packets to.
const defaultSnapLen = 262144
