package pcapfilter

// Kinds of ATM traffic, in the order of atmTypeNames.
const (
	atmLANE uint32 = iota
	atmMetac
	atmBcc
	atmOAMF4EC
	atmOAMF4SC
	atmSC
	atmILMIC
	atmOAM
	atmOAMF4
	atmConnectMsg
	atmMetaConnect
)

var atmTypeNames = [...]string{
	"lane", "metac", "bcc", "oamf4ec", "oamf4sc", "sc", "ilmic", "oam", "oamf4", "connectmsg", "metaconnect",
}

// atmLabels are the names by which errors call them.
var atmLabels = [...]string{
	"lane", "metac", "bcc", "oam4ec", "oam4sc", "sc", "ilmic", "oam", "oamf4", "connectmsg", "metaconnect",
}

// ATM fields.
const (
	atmVPI uint32 = iota
	atmVCI
)

var atmFieldNames = [...]string{"vpi", "vci"}

// Offsets in the pseudo-header of SunATM, and the values of its lowest bits.
const (
	atmProtoAt = 0
	atmVPIAt   = 1
	atmVCIAt   = 2
	atmPayload = 4

	atmIsLANE = 1
	atmLLC    = 2
)

// Q.2931 message types, and where a signalling message has its own.
const (
	atmMsgTypeAt = atmPayload + 5

	q2931CallProceeding  = 0x02
	q2931Setup           = 0x05
	q2931Connect         = 0x07
	q2931ConnectAck      = 0x0f
	q2931Release         = 0x4d
	q2931ReleaseComplete = 0x5a
)

// atm lowers a kind of ATM traffic.
func (l *lowerer) atm(n *atmTest) *formula {
	if !l.isATM() {
		return l.fail(n.span, "'%s' supported only on raw ATM", atmLabels[n.what])
	}
	circuit := func(vci uint32) *formula { return and(l.vpi(0), l.vci(vci)) }
	switch n.what {
	case atmLANE:
		f := l.masked(l.header.add(atmProtoAt), 1, atmIsLANE, 0x0f)
		// A LAN emulation header of two bytes, and an Ethernet frame.
		l.push(linkTypeEthernet, offset{k: atmPayload + 2})
		l.typ, l.payload = l.header.add(12), l.header.add(14)
		l.net, l.noSNAP = 0, 3
		return f
	case atmMetac:
		return circuit(1)
	case atmBcc:
		return circuit(2)
	case atmOAMF4SC:
		return circuit(3)
	case atmOAMF4EC:
		return circuit(4)
	case atmSC:
		return circuit(5)
	case atmILMIC:
		return circuit(16)
	case atmOAM, atmOAMF4:
		return and(l.vpi(0), or(l.vci(3), l.vci(4)))
	case atmConnectMsg:
		return and(circuit(5), l.messages(q2931ReleaseComplete, q2931Release, q2931ConnectAck, q2931Connect, q2931Setup, q2931CallProceeding))
	}
	return and(circuit(1), l.messages(q2931ReleaseComplete, q2931Release, q2931Connect, q2931Setup, q2931CallProceeding))
}

// isATM reports whether the capture is of ATM.
func (l *lowerer) isATM() bool { return lookupLink(l.opt.Link).family == linkSunATM }

func (l *lowerer) vpi(v uint32) *formula { return l.equal(l.header.add(atmVPIAt), 1, v) }
func (l *lowerer) vci(v uint32) *formula { return l.equal(l.header.add(atmVCIAt), 2, v) }

// messages tests for any of some Q.2931 messages.
func (l *lowerer) messages(types ...uint32) *formula {
	var f []*formula
	for _, t := range types {
		f = append(f, l.equal(l.header.add(atmMsgTypeAt), 1, t))
	}
	return or(f...)
}

// atmField lowers a comparison of the virtual path or channel.
func (l *lowerer) atmField(n *fieldTest) *formula {
	if !l.isATM() {
		return l.fail(n.span, "'%s' supported only on raw ATM", atmFieldNames[n.field])
	}
	e := l.at(l.header.add(atmVPIAt), 1)
	if n.field == atmVCI {
		e = l.at(l.header.add(atmVCIAt), 2)
	}
	var f []*formula
	for _, v := range n.values {
		f = append(f, l.compare(n.op, e, l.constant(v)))
	}
	return or(f...)
}
