package pcapfilter

import "strings"

// Control fields of LLC (IEEE 802.2).
const (
	llcFormatMask   = 0x03
	llcSupervisory  = 0x01
	llcUnnumbered   = 0x03
	llcSTypeMask    = 0x0f
	llcUTypeMask    = 0xef
	llcNotLLC       = 0xffff // Novell's IPX in a length-coded frame
	llcControlAt    = 2
	llcInformation0 = 0x01
)

// llcSupervisoryTypes and llcUnnumberedTypes are the types of LLC frames.
var llcSupervisoryTypes = [...]frameName{{"rr", 0x01}, {"rnr", 0x05}, {"rej", 0x09}}

var llcUnnumberedTypes = [...]frameName{
	{"ui", 0x03}, {"ua", 0x63}, {"disc", 0x43}, {"dm", 0x0f}, {"sabme", 0x6f}, {"test", 0xe3}, {"xid", 0xaf}, {"frmr", 0x87},
}

// llc lowers "llc" and its types.
func (l *lowerer) llc(n *llcTest) *formula {
	typ := strings.ToLower(n.text)
	var f *formula
	control := l.payload.add(llcControlAt)
	switch typ {
	case "":
		return l.isLLC(n.span)
	case "i":
		f = not(l.bits(control, llcInformation0))
	case "s":
		f = l.masked(control, 1, llcSupervisory, llcFormatMask)
	case "u":
		f = l.masked(control, 1, llcUnnumbered, llcFormatMask)
	}
	for _, t := range llcSupervisoryTypes {
		if t.name == typ {
			f = l.masked(control, 1, t.value, llcSTypeMask)
		}
	}
	for _, t := range llcUnnumberedTypes {
		if t.name == typ {
			f = l.masked(control, 1, t.value, llcUTypeMask)
		}
	}
	if f == nil {
		return l.fail(n.span, "unknown LLC type name %q", n.text)
	}
	return and(l.isLLC(n.span), f)
}

// isLLC tests whether a frame has an LLC header.
func (l *lowerer) isLLC(at span) *formula {
	switch l.link.family {
	case linkEthernet:
		if l.link.link != linkTypeEthernet {
			break
		}
		return and(not(l.test(relGreater, l.at(l.typ, 2), l.constant(maxLength))),
			not(l.equal(l.payload, 2, llcNotLLC)))
	case linkSunATM:
		return l.masked(l.header, 1, atmLLC, 0x0f)
	case linkWLAN:
		return l.dataFrame()
	}
	switch l.link.link {
	case linkTypeTokenRing, linkTypeFDDI, linkTypeATM1483:
		return constantFormula(true)
	}
	return l.fail(at, "'llc' not supported for %s", l.link.desc)
}
