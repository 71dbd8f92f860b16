package line

import "bytes"

// EtherTypes that lines have words for.
const (
	etherIPv4   = 0x0800
	etherARP    = 0x0806
	etherWoL    = 0x0842
	etherTEB    = 0x6558 // a whole frame follows
	etherRARP   = 0x8035
	etherVLAN   = 0x8100
	etherIPX    = 0x8137
	etherIPv6   = 0x86dd
	etherSlow   = 0x8809
	etherMPLS   = 0x8847
	etherPPPoED = 0x8863
	etherPPPoE  = 0x8864
	etherEAPOL  = 0x888e
	etherQinQ   = 0x88a8
	etherLLDP   = 0x88cc
	etherMACsec = 0x88e5
	etherPTP    = 0x88f7
	etherCFM    = 0x8902
	etherLoop   = 0x9000
	etherOldTag = 0x9100
)

// etherName returns the name of an EtherType, "" if it has none.
func etherName(et uint16) string {
	switch et {
	case etherIPv4:
		return "IPv4"
	case etherIPv6:
		return "IPv6"
	case etherARP:
		return "ARP"
	case etherRARP:
		return "RARP"
	case etherVLAN:
		return "802.1Q"
	case etherQinQ:
		return "802.1Q-QinQ"
	case etherOldTag:
		return "802.1Q-9100"
	case etherIPX:
		return "IPX"
	case etherSlow:
		return "Slow Protocols"
	case etherMPLS:
		return "MPLS unicast"
	case etherMPLS + 1:
		return "MPLS multicast"
	case etherPPPoED:
		return "PPPoE D"
	case etherPPPoE:
		return "PPPoE S"
	case etherEAPOL:
		return "EAPOL"
	case etherLLDP:
		return "LLDP"
	case etherMACsec:
		return "MACsec"
	case etherPTP:
		return "PTP"
	case etherCFM:
		return "CFM"
	case etherLoop:
		return "Loopback"
	case etherWoL:
		return "Wake-on-LAN"
	}
	return ""
}

// etherType appends a frame with a payload that is neither IP nor ARP.
func (p *Printer) etherType(dst []byte, et uint16, b, frame []byte, wire uint32) []byte {
	switch {
	case et == etherLLDP:
		return p.lldp(dst, b, wire)
	case et == etherEAPOL && len(b) >= 4:
		dst = appendName(append(dst, "EAPOL "...), eapolTypes[:], int(b[1]), "type ")
		dst = appendUint(dst, ", version ", b[0])
		return appendUint(dst, ", length ", wire)
	case et == etherSlow && len(b) >= 1:
		dst = appendName(dst, slowTypes[:], int(b[0]), "slow protocol ")
		return appendUint(dst, ", length ", wire)
	case et == etherIPX:
		return p.ipx(dst, b, wire)
	case et == etherRARP && len(b) >= 14: // on Cisco's framing, or it would be ARP
		dst = appendName(append(dst, "SLARP, "...), slarpTypes[:], int(be32(b)), "type ")
		return appendUint(dst, ", length ", wire)
	case et == etherPPPoED:
		return appendUint(pppoe(dst, b), "length ", wire)
	case etherName(et) != "":
		return appendUint(append(dst, etherName(et)...), ", length ", wire)
	}
	if src, to := p.path.Addresses(); !p.opt.Link && src >= 0 && to >= 0 {
		dst = appendMAC(dst, frame[src:src+6])
		dst = append(appendMAC(append(dst, " > "...), frame[to:to+6]), ", "...)
	}
	if !p.opt.Link {
		dst = append(appendHex(append(dst, "ethertype Unknown (0x"...), uint64(et), 4), "), "...)
	}
	return appendUint(dst, "length ", wire)
}

var (
	eapolTypes = [...]string{"EAP packet", "start", "logoff", "key"}
	slarpTypes = [...]string{"request", "reply", "keepalive"}
	slowTypes  = [...]string{1: "LACP", 2: "Marker", 3: "OAM", 10: "OSSP"}
)

// lldp appends a frame of IEEE 802.1AB: the system's name, the port and its
// description, each behind a type of 7 bits and a length of 9.
func (p *Printer) lldp(dst, b []byte, wire uint32) []byte {
	const port, portText, system = 2, 4, 5
	dst = appendUint(dst, "LLDP, length ", wire)
	for len(b) >= 2 {
		kind, n := b[0]>>1, int(be16(b)&0x1ff)
		if b = b[2:]; n > len(b) || kind == 0 {
			break
		}
		value := b[:n]
		b = b[n:]
		switch {
		case kind == system:
			dst = p.safe(append(dst, ": "...), value)
		case kind == portText:
			dst = p.safe(append(dst, ", port "...), value)
		case kind == port && len(value) > 1 && (value[0] == 5 || value[0] == 7 || value[0] == 1):
			dst = p.safe(append(dst, ", port id "...), value[1:])
		}
	}
	return dst
}

// ipx appends a datagram of IPX: checksum 2, length 2, hops 1, type 1, then
// destination and source of network 4, node 6 and socket 2.
func (p *Printer) ipx(dst, b []byte, wire uint32) []byte {
	if len(b) < 30 {
		return appendUint(dst, "IPX, length ", wire)
	}
	end := func(dst, a []byte) []byte {
		dst = append(appendHex(dst, uint64(be32(a)), 8), '.')
		dst = append(appendMAC(dst, a[4:10]), '.')
		return appendHex(dst, uint64(be16(a[10:])), 4)
	}
	dst = end(append(dst, "IPX "...), b[18:])
	dst = end(append(dst, " > "...), b[6:])
	return appendUint(dst, ", length ", be16(b[2:]))
}

// Service access points that lines have words for.
const (
	sapSTP     = 0x42
	sapNetBEUI = 0xf0
	sapIPX     = 0xe0
	sapISO     = 0xfe
	sapSNAP    = 0xaa
)

// llc appends a frame that begins with LLC.
func (p *Printer) llc(dst, b []byte, wire uint32) []byte {
	if len(b) < 3 {
		return append(dst, "LLC [truncated]"...)
	}
	switch {
	case b[0] == sapSTP && b[1] == sapSTP:
		return stp(dst, b[3:], wire)
	case b[0] == sapSNAP && b[1] == sapSNAP && len(b) >= 8:
		return p.snap(dst, b[2:], wire)
	case b[0] == sapIPX && b[1] == sapIPX:
		return p.ipx(dst, b[3:], wire-3)
	case b[0] == sapISO && b[1] == sapISO && len(b) > 3 && b[3] == 0x83:
		return appendUint(dst, "IS-IS, length ", wire)
	case b[0] == sapNetBEUI && b[1]|1 == sapNetBEUI|1:
		dst = append(dst, "NetBeui"...)
	default:
		dst = append0x(append(dst, "LLC, dsap "...), uint64(b[0]))
		dst = append0x(append(dst, ", ssap "...), uint64(b[1]))
	}
	dst = append0x(append(dst, ", ctrl "...), uint64(b[2]))
	return appendUint(dst, ", length ", wire)
}

// stp appends a frame of a spanning tree, IEEE 802.1D section 9.3.
func stp(dst, b []byte, wire uint32) []byte {
	dst = append(dst, "STP "...)
	if len(b) < 4 {
		return appendUint(dst, "[truncated], length ", wire)
	}
	dst = appendName(dst, stpVersions[:], int(b[2]), "version ")
	switch b[3] {
	case 0, 2:
		dst = append(dst, ", Config"...)
		if len(b) >= 27 {
			dst = appendHex(append(dst, ", bridge-id "...), uint64(be16(b[17:])), 4)
			dst = append(appendMAC(append(dst, '.'), b[19:25]), '.')
			dst = appendHex(dst, uint64(be16(b[25:])), 4)
			dst = appendHex(append(dst, ", root "...), uint64(be16(b[5:])), 4)
			dst = appendMAC(append(dst, '.'), b[7:13])
			dst = appendUint(dst, ", cost ", be32(b[13:]))
		}
	case 0x80:
		dst = append(dst, ", Topology Change"...)
	}
	return appendUint(dst, ", length ", wire)
}

var stpVersions = [...]string{"802.1d", "802.1w?", "802.1w", "802.1s"}

// snap appends a frame whose SNAP header, behind the control byte, names no
// EtherType.
func (p *Printer) snap(dst, b []byte, wire uint32) []byte {
	oui, pid := be32(b)&0xffffff, be16(b[4:])
	if oui == ouiCisco {
		switch pid {
		case 0x2000:
			return p.cdp(dst, b[6:], wire-8)
		case 0x2003:
			return appendUint(dst, "VTP, length ", wire-8)
		case 0x2004:
			return appendUint(dst, "DTP, length ", wire-8)
		case 0x0111:
			return appendUint(dst, "UDLD, length ", wire-8)
		case 0x010b:
			return stp(append(dst, "PVST+ "...), b[6:], wire-8)
		}
	}
	dst = appendHex(append(dst, "SNAP, oui 0x"...), uint64(oui), 6)
	dst = appendHex(append(dst, ", pid 0x"...), uint64(pid), 4)
	return appendUint(dst, ", length ", wire)
}

const ouiCisco = 0x00000c

// cdp appends a frame of Cisco's discovery: version, time to live and checksum,
// then values behind a type and a length, both of 2 bytes.
func (p *Printer) cdp(dst, b []byte, wire uint32) []byte {
	const device, port, platform = 1, 3, 6
	dst = append(dst, "CDP"...)
	if len(b) < 4 {
		return appendUint(dst, " [truncated], length ", wire)
	}
	dst = append(appendUint(appendUint(dst, "v", b[0]), ", ttl: ", b[1]), 's')
	for b = b[4:]; len(b) >= 4; {
		kind, n := be16(b), int(be16(b[2:]))
		if n < 4 || n > len(b) {
			break
		}
		value := b[4:n]
		b = b[n:]
		switch kind {
		case device:
			dst = append(dst, ", Device-ID '"...)
		case port:
			dst = append(dst, ", Port-ID '"...)
		case platform:
			dst = append(dst, ", Platform '"...)
		default:
			continue
		}
		dst = append(p.safe(dst, value), '\'')
	}
	return appendUint(dst, ", length ", wire)
}

// pppNames are the protocols of PPP beside IP.
func pppName(protocol uint16) string {
	switch protocol {
	case 0x0021:
		return "IP"
	case 0x0057:
		return "IP6"
	case 0xc021:
		return "LCP"
	case 0xc023:
		return "PAP"
	case 0xc025:
		return "LQM"
	case 0xc223:
		return "CHAP"
	case 0xc227:
		return "EAP"
	case 0x8021:
		return "IPCP"
	case 0x8057:
		return "IP6CP"
	case 0x80fd:
		return "CCP"
	case 0x00fd:
		return "compressed"
	}
	return ""
}

var pppCodes = [...]string{1: "Conf-Request", 2: "Conf-Ack", 3: "Conf-Nack", 4: "Conf-Reject", 5: "Term-Request", 6: "Term-Ack",
	7: "Code-Reject", 8: "Prot-Reject", 9: "Echo-Request", 10: "Echo-Reply", 11: "Disc-Req"}

// ppp appends a frame of PPP that is not IP, whose header may have address and
// control.
func ppp(dst, b []byte, wire uint32) []byte {
	if bytes.HasPrefix(b, []byte{0xff, 0x03}) {
		b = b[2:]
	}
	if len(b) < 2 {
		return appendUint(append(dst, "PPP"...), ", length ", wire)
	}
	protocol := be16(b)
	dst = append(dst, "PPP "...)
	if name := pppName(protocol); name != "" {
		dst = append(dst, name...)
	} else {
		dst = appendHex(append(dst, "protocol 0x"...), uint64(protocol), 4)
	}
	if protocol >= 0x8000 && len(b) >= 4 {
		dst = appendName(append(dst, ", "...), pppCodes[:], int(b[2]), "code ")
		dst = appendUint(dst, ", id ", b[3])
	}
	return appendUint(dst, ", length ", wire)
}

var (
	wlanManagement = [16]string{"Assoc Request", "Assoc Response", "ReAssoc Request", "ReAssoc Response", "Probe Request", "Probe Response",
		8: "Beacon", 9: "ATIM", 10: "Disassociation", 11: "Authentication", 12: "DeAuthentication", 13: "Action"}
	wlanControl = [16]string{5: "Beamforming", 7: "Control Wrapper", 8: "Block Ack Request", 9: "Block Ack", 10: "Power Save-Poll",
		11: "Request-To-Send", 12: "Clear-To-Send", 13: "Acknowledgment", 14: "CF-End"}
)

// wlan appends a frame of 802.11 that carries no packet that can be read.
func (p *Printer) wlan(dst, b []byte, wire uint32) []byte {
	if len(b) < 2 {
		return append(dst, "802.11 [truncated]"...)
	}
	kind, subtype := b[0]>>2&3, int(b[0]>>4)
	dst = append(dst, "802.11 "...)
	switch kind {
	case 0:
		dst = appendName(dst, wlanManagement[:], subtype, "management ")
		dst = p.ssid(dst, b, subtype)
	case 1:
		dst = appendName(dst, wlanControl[:], subtype, "control ")
	case 2:
		switch {
		case b[1]&0x40 != 0:
			dst = append(dst, "Data, encrypted"...)
		case subtype&4 != 0:
			dst = append(dst, "Null"...)
		default:
			dst = append(dst, "Data"...)
		}
	default:
		dst = append(dst, "extension"...)
	}
	return appendUint(dst, ", length ", wire)
}

// ssid appends the name of the network, where beacons and probes tell it: the
// first element behind the header and their fixed part.
func (p *Printer) ssid(dst, b []byte, subtype int) []byte {
	at := 24
	switch subtype {
	case 4:
	case 5, 8:
		at += 12
	case 0:
		at += 4
	default:
		return dst
	}
	if len(b) < at+2 || b[at] != 0 || b[at+1] > 32 || len(b) < at+2+int(b[at+1]) {
		return dst
	}
	return append(p.safe(append(dst, " ("...), b[at+2:at+2+int(b[at+1])]), ')')
}
