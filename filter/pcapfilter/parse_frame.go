package pcapfilter

import "strings"

// Masks of the frame control's first byte (IEEE 802.11, 9.2.4.1).
const (
	frameTypeMask    = 0x0c
	frameSubtypeMask = 0xf0
	frameDirMask     = 0x03 // of the second byte
)

// Frame types.
const (
	frameManagement = 0x00
	frameControl    = 0x04
	frameData       = 0x08
)

// frameName is a name for a type or subtype.
type frameName struct {
	name  string
	value uint32
}

var frameTypeNames = [...]frameName{
	{"data", frameData},
	{"mgt", frameManagement},
	{"management", frameManagement},
	{"ctl", frameControl},
	{"control", frameControl},
}

// frameSubtypeNames are the subtypes together with their types.
var frameSubtypeNames = [...]frameName{
	{"assocreq", 0x00}, {"assoc-req", 0x00},
	{"assocresp", 0x10}, {"assoc-resp", 0x10},
	{"reassocreq", 0x20}, {"reassoc-req", 0x20},
	{"reassocresp", 0x30}, {"reassoc-resp", 0x30},
	{"probereq", 0x40}, {"probe-req", 0x40},
	{"proberesp", 0x50}, {"probe-resp", 0x50},
	{"beacon", 0x80},
	{"atim", 0x90},
	{"disassoc", 0xa0}, {"disassociation", 0xa0},
	{"auth", 0xb0}, {"authentication", 0xb0},
	{"deauth", 0xc0}, {"deauthentication", 0xc0},
	{"ps-poll", 0xa4},
	{"rts", 0xb4},
	{"cts", 0xc4},
	{"ack", 0xd4},
	{"cf-end", 0xe4},
	{"cf-end-ack", 0xf4},
	{"data", 0x08},
	{"data-cf-ack", 0x18},
	{"data-cf-poll", 0x28},
	{"data-cf-ack-poll", 0x38},
	{"null", 0x48},
	{"cf-ack", 0x58},
	{"cf-poll", 0x68},
	{"cf-ack-poll", 0x78},
	{"qos-data", 0x88},
	{"qos-data-cf-ack", 0x98},
	{"qos-data-cf-poll", 0xa8},
	{"qos-data-cf-ack-poll", 0xb8},
	{"qos", 0xc8},
	{"qos-cf-poll", 0xe8},
	{"qos-cf-ack-poll", 0xf8},
}

// frameDirNames are the directions of a frame, by value.
var frameDirNames = [...]string{"nods", "tods", "fromds", "dstods"}

// frame parses "type T", "type T subtype S", "subtype S" or "dir D".
func (p *parser) frame(start span) operand {
	word := p.tok
	p.advance()
	arg := p.tok
	test := &frameTest{span: start.to(arg.span), value: arg.value}
	switch {
	case arg.kind != tkNumber && arg.kind != tkName, word.kind == tkSubtype && arg.kind == tkNumber:
		p.syntax()
	case word.kind == tkDir:
		p.advance()
		test.direction, test.mask = true, frameDirMask
		if arg.kind == tkName {
			v, ok := indexOf(frameDirNames[:], strings.ToLower(arg.text))
			if !ok {
				p.fail(arg.span, "unknown 802.11 direction")
			}
			test.value = v
		}
	case word.kind == tkSubtype:
		p.advance()
		test.mask = frameTypeMask | frameSubtypeMask
		test.value = p.frameSubtype(arg, frameTypeMask|frameSubtypeMask)
	default:
		p.advance()
		p.frameType(test, arg)
	}
	return term(test)
}

// frameType completes a test of a frame's type, arg, and of the subtype that
// may follow.
func (p *parser) frameType(test *frameTest, arg token) {
	test.mask = frameTypeMask
	if arg.kind == tkName {
		found := false
		for _, n := range frameTypeNames {
			if strings.EqualFold(n.name, arg.text) {
				test.value, found = n.value, true
			}
		}
		if !found {
			p.fail(arg.span, "unknown 802.11 type name")
		}
	} else if test.value&^frameTypeMask != 0 {
		p.fail(arg.span, "invalid 802.11 type value 0x%02x", test.value)
	}
	if !p.accept(tkSubtype) {
		return
	}
	sub := p.tok
	test.mask |= frameSubtypeMask
	test.span = test.to(sub.span)
	switch sub.kind {
	case tkNumber:
		if sub.value&^frameSubtypeMask != 0 {
			p.fail(sub.span, "invalid 802.11 subtype value 0x%02x", sub.value)
		}
		test.value |= sub.value
		p.advance()
	case tkName:
		if test.value > frameData {
			p.fail(sub.span, "unknown 802.11 type")
		}
		p.advance()
		test.value = p.frameSubtype(sub, test.value)
	default:
		p.syntax()
	}
}

// frameSubtype returns the type and subtype of a name. of is the type that it
// has to belong to, or the mask of both where any will do.
func (p *parser) frameSubtype(name token, of uint32) uint32 {
	anyType := of == frameTypeMask|frameSubtypeMask
	for _, n := range frameSubtypeNames {
		if strings.EqualFold(n.name, name.text) && (anyType || n.value&frameTypeMask == of) {
			return n.value
		}
	}
	if anyType {
		p.fail(name.span, "unknown 802.11 type name")
	} else {
		p.fail(name.span, "unknown 802.11 subtype name %q", name.text)
	}
	return 0
}
