package app

import "strconv"

// Domain names, RFC 1035 section 4.1.1:
//
//	+------+---------+-------------+-----------+-------------+--------------+
//	| ID 2 | flags 2 | questions 2 | answers 2 | authority 2 | additional 2 |
//	+------+---------+-------------+-----------+-------------+--------------+
//
// Questions are a name, a type and a class; records have a time to live, a
// length and data behind these.
const (
	dnsLen       = 12
	dnsMaxLabels = 128 // of a name: 255 bytes hold no more
	dnsMaxName   = 255
	dnsMaxJumps  = 32
)

// Flags of a DNS message.
const (
	DNSResponse      = 0x8000
	DNSAuthoritative = 0x0400
	DNSTruncated     = 0x0200
	DNSRecursion     = 0x0100 // desired
	DNSAvailable     = 0x0080 // recursion
	DNSAuthentic     = 0x0020
	DNSNoChecks      = 0x0010
)

// Types of records whose data is understood.
const (
	DNSTypeA     = 1
	DNSTypeNS    = 2
	DNSTypeCNAME = 5
	DNSTypeSOA   = 6
	DNSTypePTR   = 12
	DNSTypeMX    = 15
	DNSTypeTXT   = 16
	DNSTypeAAAA  = 28
	DNSTypeSRV   = 33
	DNSTypeOPT   = 41
	DNSTypeHTTPS = 65
)

// dnsTypes are the names of record types, https://www.iana.org/assignments/dns-parameters.
var dnsTypes = map[uint16]string{DNSTypeA: "A", DNSTypeNS: "NS", DNSTypeCNAME: "CNAME", DNSTypeSOA: "SOA",
	DNSTypePTR: "PTR", 13: "HINFO", DNSTypeMX: "MX", DNSTypeTXT: "TXT", 18: "AFSDB", 24: "SIG", 25: "KEY",
	DNSTypeAAAA: "AAAA", 29: "LOC", DNSTypeSRV: "SRV", 35: "NAPTR", 37: "CERT", 39: "DNAME", DNSTypeOPT: "OPT",
	43: "DS", 44: "SSHFP", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 50: "NSEC3", 51: "NSEC3PARAM", 52: "TLSA", 64: "SVCB",
	DNSTypeHTTPS: "HTTPS", 99: "SPF", 249: "TKEY", 250: "TSIG", 251: "IXFR", 252: "AXFR", 255: "ANY", 257: "CAA"}

// AppendDNSType appends the name of a record type, or its number behind Type.
func AppendDNSType(dst []byte, kind uint16) []byte {
	if name := dnsTypes[kind]; name != "" {
		return append(dst, name...)
	}
	return strconv.AppendUint(append(dst, "Type"...), uint64(kind), 10)
}

// dnsCodes are the response codes that stand in the header.
var dnsCodes = [16]string{"NoError", "FormErr", "ServFail", "NXDomain", "NotImp", "Refused", "YXDomain", "YXRRSet", "NXRRSet",
	"NotAuth", "NotZone", "Resp11", "Resp12", "Resp13", "Resp14", "NoChange"}

// DNS is a view of a message of DNS, mDNS or LLMNR as far as it was captured.
type DNS struct{ b []byte }

// AsDNS returns the message that b begins with. Any 12 bytes are one: the port
// has to tell.
func AsDNS(b []byte) (DNS, bool) {
	if len(b) < dnsLen {
		return DNS{}, false
	}
	return DNS{b}, true
}

// ID returns the identifier that question and answer share.
func (m DNS) ID() uint16 { return be16(m.b) }

// Flags returns the flags, with opcode and response code among them.
func (m DNS) Flags() uint16 { return be16(m.b[2:]) }

// Opcode returns the kind of query, 0 for an ordinary one.
func (m DNS) Opcode() uint8 { return uint8(m.Flags() >> 11 & 15) }

// Code returns the response code.
func (m DNS) Code() uint8 { return uint8(m.Flags() & 15) }

// CodeName returns the name of the response code.
func (m DNS) CodeName() string { return dnsCodes[m.Code()] }

// Counts returns how many questions and records the message claims to have.
func (m DNS) Counts() (questions, answers, authority, additional uint16) {
	return be16(m.b[4:]), be16(m.b[6:]), be16(m.b[8:]), be16(m.b[10:])
}

// Records returns a reader in front of the first question.
func (m DNS) Records() DNSReader { return DNSReader{m: m, off: dnsLen} }

// DNSRecord is a question or a record.
type DNSRecord struct {
	m     DNS
	name  int
	data  int // where the data is; valid only if it is not a question
	size  int
	TTL   uint32 // in seconds; likewise
	Type  uint16
	Class uint16
}

// Name appends the record's name.
func (r *DNSRecord) Name(dst []byte) []byte { dst, _ = r.m.appendName(dst, r.name); return dst }

// Data returns the record's data, which lies in the message.
func (r *DNSRecord) Data() []byte { return r.m.b[r.data : r.data+r.size] }

// NameIn appends the name that the record's data has at an offset, which it
// reports not to be there whole.
func (r *DNSRecord) NameIn(dst []byte, off int) (_ []byte, ok bool) {
	if off > r.size {
		return dst, false
	}
	return r.m.appendName(dst, r.data+off)
}

// DNSReader reads the questions and records of a message in their order.
type DNSReader struct {
	m   DNS
	off int
}

// Question reads the next question.
func (r *DNSReader) Question() (q DNSRecord, ok bool) {
	end, ok := r.m.skipName(r.off)
	if !ok || len(r.m.b)-end < 4 {
		return DNSRecord{}, false
	}
	q = DNSRecord{m: r.m, name: r.off, Type: be16(r.m.b[end:]), Class: be16(r.m.b[end+2:])}
	r.off = end + 4
	return q, true
}

// Record reads the next record.
func (r *DNSReader) Record() (d DNSRecord, ok bool) {
	end, ok := r.m.skipName(r.off)
	if !ok || len(r.m.b)-end < 10 {
		return DNSRecord{}, false
	}
	h := r.m.b[end:]
	d = DNSRecord{m: r.m, name: r.off, data: end + 10, size: int(be16(h[8:])),
		Type: be16(h), Class: be16(h[2:]), TTL: be32(h[4:])}
	if d.size > len(r.m.b)-d.data {
		return DNSRecord{}, false
	}
	r.off = d.data + d.size
	return d, true
}

// skipName returns where the name at off ends.
func (m DNS) skipName(off int) (end int, ok bool) {
	for range dnsMaxLabels {
		if off >= len(m.b) {
			return 0, false
		}
		switch n := int(m.b[off]); {
		case n == 0:
			return off + 1, true
		case n >= 0xc0:
			return off + 2, len(m.b)-off >= 2
		case n >= 0x40:
			return 0, false
		default:
			off += 1 + n
		}
	}
	return 0, false
}

// appendName appends the name at off as a person would write it, with the dot
// at its end. Bytes that are not printable are escaped, and dots in a label
// (RFC 1035 section 5.1). ok is false if the name does not end.
func (m DNS) appendName(dst []byte, off int) (_ []byte, ok bool) {
	start, jumps := len(dst), 0
	for off < len(m.b) {
		n := int(m.b[off])
		switch {
		case n == 0:
			if len(dst) == start {
				dst = append(dst, '.')
			}
			return dst, true
		case n >= 0xc0:
			if jumps++; jumps > dnsMaxJumps || len(m.b)-off < 2 {
				return dst, false
			}
			off = int(be16(m.b[off:]) & 0x3fff)
			continue
		case n >= 0x40 || n > len(m.b)-off-1 || len(dst)-start > 4*dnsMaxName:
			return dst, false
		}
		dst = append(appendLabel(dst, m.b[off+1:off+1+n]), '.')
		off += 1 + n
	}
	return dst, false
}

func appendLabel(dst, label []byte) []byte {
	for _, c := range label {
		switch {
		case c == '.' || c == '\\':
			dst = append(dst, '\\', c)
		case c <= 0x20 || c >= 0x7f:
			dst = append(dst, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
