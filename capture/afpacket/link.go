package afpacket

// LINKTYPE_ values of frames, and lengths of cooked headers.
const (
	linkEthernet = 1
	linkRaw      = 101
	linkSLL      = 113
	linkSLL2     = 276
	sllLen       = 16
	sll2Len      = 20
)

// field is what a field of a cooked header is in the kernel's ancillary data.
type field struct {
	at   uint32
	size uint16 // as in the instruction
}

// Fields of cooked headers by their offset.
var (
	sllFields = map[uint32]field{
		0:  {adPacketType, sizeH},
		2:  {adHardware, sizeH},
		14: {adProtocol, sizeH},
	}
	sll2Fields = map[uint32]field{
		0:  {adProtocol, sizeH},
		4:  {adIfIndex, sizeW},
		8:  {adHardware, sizeH},
		10: {adPacketType, sizeB},
	}
)

// hardware are the kernel's types of interfaces (ARPHRD_) whose frames begin with
// a header of a known LINKTYPE_. The frames of others are taken without their
// header, with a cooked one in front.
var hardware = map[uint16]uint16{
	1:      linkEthernet,
	772:    linkEthernet, // loopback
	6:      6,            // IEEE 802.2, token ring
	7:      129,          // ARCNET_LINUX
	280:    227,          // CAN
	519:    linkRaw,      // RAWIP
	0xfffe: linkRaw,      // none: tun, WireGuard
	768:    linkRaw,      // IP in IP
	769:    linkRaw,      // IP in IPv6
	774:    10,           // FDDI
	776:    linkRaw,      // IPv6 in IP
	800:    6,            // token ring
	801:    105,          // 802.11
	802:    119,          // 802.11 with a Prism header
	803:    127,          // 802.11 with radiotap
	804:    230,          // 802.15.4
	824:    253,          // netlink
	826:    271,          // vsock
}

// Links returns the LINKTYPE_ values that frames of an interface can have, its
// own one first.
func (i Interface) Links() []uint16 {
	if i.Link == linkSLL2 {
		return []uint16{linkSLL2, linkSLL}
	}
	return []uint16{i.Link, linkSLL2, linkSLL}
}
