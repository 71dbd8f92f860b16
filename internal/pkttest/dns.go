package pkttest

import "strings"

// DNS record types.
const (
	TypeA    = 1
	TypePTR  = 12
	TypeAAAA = 28
)

// DNSQuery returns a message that asks for a name's records of one type.
func DNSQuery(id uint16, name string, typ uint16) Payload {
	return dns(id, 0x0100, name, typ, nil)
}

// DNSAnswer returns the answer to DNSQuery with one record an address, or that
// the name does not exist where there are none.
func DNSAnswer(id uint16, name string, typ uint16, ips ...string) Payload {
	flags := uint16(0x8180)
	if len(ips) == 0 {
		flags |= 3 // NXDOMAIN
	}
	var records []byte
	for _, ip := range ips {
		data := address(ip, "").AsSlice()
		records = append(records, 0xc0, 12) // the name asked for, by pointer
		records = be.AppendUint16(be.AppendUint16(records, typ), 1)
		records = be.AppendUint16(be.AppendUint32(records, 300), uint16(len(data)))
		records = append(records, data...)
	}
	out := dns(id, flags, name, typ, records)
	be.PutUint16(out[6:], uint16(len(ips)))
	return out
}

// dns returns a message with one question (RFC 1035 section 4).
func dns(id, flags uint16, name string, typ uint16, records []byte) Payload {
	out := be.AppendUint16(be.AppendUint16(nil, id), flags)
	out = append(out, 0, 1, 0, 0, 0, 0, 0, 0)
	for label := range strings.SplitSeq(name, ".") {
		out = append(append(out, byte(len(label))), label...)
	}
	out = be.AppendUint16(be.AppendUint16(append(out, 0), typ), 1)
	return append(out, records...)
}
