package line

import "pkt/decode/app"

var dnsOpcodes = [16]string{1: " inv_q", 2: " stat", 3: " op3", 4: " notify", 5: " update", 6: " op6", 7: " op7", 8: " op8",
	9: " updateA", 10: " updateD", 11: " updateDA", 12: " updateM", 13: " updateMA", 14: " zoneInit", 15: " zoneRef"}

// maxAnswers bounds how many records a line shows.
const maxAnswers = 64

// dns appends a message as tcpdump does: its identifier, flags, the questions
// of a query, or the numbers of records and the answers.
func (p *Printer) dns(dst []byte, m app.DNS, length uint32, multicast bool) []byte {
	if flags := m.Flags(); flags&app.DNSResponse != 0 {
		dst = p.dnsResponse(dst, m, flags, multicast)
	} else {
		dst = p.dnsQuery(dst, m, flags, multicast)
	}
	return append(appendUint(dst, " (", length), ')')
}

func (p *Printer) dnsQuery(dst []byte, m app.DNS, flags uint16, multicast bool) []byte {
	dst = append(appendUint(dst, "", m.ID()), dnsOpcodes[m.Opcode()]...)
	dst = appendFlag(dst, flags&app.DNSRecursion, '+')
	dst = appendFlag(dst, flags&app.DNSNoChecks, '%')
	questions, answers, authority, additional := m.Counts()
	dst = appendCount(dst, questions, 1, "q")
	dst = appendCount(dst, answers, 0, "a")
	dst = appendCount(dst, authority, 0, "n")
	dst = appendCount(dst, additional, 0, "au")
	r := m.Records()
	for range min(questions, maxAnswers) {
		q, ok := r.Question()
		if !ok {
			return append(dst, " [|domain]"...)
		}
		dst = p.question(dst, &q, multicast)
	}
	return dst
}

// question appends what is asked for: " A? example.com."
func (p *Printer) question(dst []byte, q *app.DNSRecord, multicast bool) []byte {
	dst = app.AppendDNSType(append(dst, ' '), q.Type)
	if multicast && q.Class&0x8000 != 0 {
		dst = append(dst, " (QU)"...)
	}
	return q.Name(append(dst, "? "...))
}

func (p *Printer) dnsResponse(dst []byte, m app.DNS, flags uint16, multicast bool) []byte {
	dst = append(appendUint(dst, "", m.ID()), dnsOpcodes[m.Opcode()]...)
	if m.Code() != 0 {
		dst = append(append(dst, ' '), m.CodeName()...)
	}
	dst = appendFlag(dst, flags&app.DNSAuthoritative, '*')
	dst = appendFlag(dst, ^flags&app.DNSAvailable, '-')
	dst = appendFlag(dst, flags&app.DNSTruncated, '|')
	dst = appendFlag(dst, flags&app.DNSAuthentic, '$')
	questions, answers, authority, additional := m.Counts()
	dst = appendCount(dst, questions, 1, "q")
	r := m.Records()
	for range questions {
		q, ok := r.Question()
		if !ok {
			return append(dst, " [|domain]"...)
		}
		if p.opt.Details >= Tree {
			dst = p.question(append(dst, " q:"...), &q, multicast)
		}
	}
	dst = appendUint(dst, " ", answers)
	dst = appendUint(dst, "/", authority)
	dst = appendUint(dst, "/", additional)
	for n := range min(answers, maxAnswers) {
		if n > 0 {
			dst = append(dst, ',')
		}
		d, ok := r.Record()
		if !ok {
			return append(dst, " [|domain]"...)
		}
		dst = p.record(append(dst, ' '), &d, multicast)
	}
	if answers > maxAnswers {
		dst = appendUint(dst, ", and ", answers-maxAnswers)
		dst = append(dst, " more"...)
	}
	return dst
}

// record appends a type and its data.
func (p *Printer) record(dst []byte, d *app.DNSRecord, multicast bool) []byte {
	if p.opt.Details >= Tree {
		dst = append(d.Name(dst), ' ')
	}
	if multicast && d.Class&0x8000 != 0 {
		dst = append(dst, "(Cache flush) "...)
	}
	if p.opt.Details >= Tree {
		dst = append(appendUint(dst, "[", d.TTL), "s] "...)
	}
	dst = app.AppendDNSType(dst, d.Type)
	data := d.Data()
	switch {
	case d.Type == app.DNSTypeA && len(data) == 4:
		return appendAddr4(append(dst, ' '), data)
	case d.Type == app.DNSTypeAAAA && len(data) == 16:
		return appendAddr16(append(dst, ' '), data)
	case d.Type == app.DNSTypeMX && len(data) > 2:
		dst, _ = d.NameIn(append(dst, ' '), 2)
		return appendUint(dst, " ", be16(data))
	case d.Type == app.DNSTypeSRV && len(data) > 6:
		dst, _ = d.NameIn(append(dst, ' '), 6)
		dst = appendUint(dst, ":", be16(data[4:]))
		dst = appendUint(dst, " ", be16(data))
		return appendUint(dst, " ", be16(data[2:]))
	case d.Type == app.DNSTypeTXT:
		return p.texts(dst, data)
	}
	switch d.Type {
	case app.DNSTypeNS, app.DNSTypeCNAME, app.DNSTypePTR, app.DNSTypeSOA, 39:
		dst, _ = d.NameIn(append(dst, ' '), 0)
	}
	return dst
}

// texts appends the strings of a TXT record.
func (p *Printer) texts(dst, b []byte) []byte {
	for len(b) > 0 && int(b[0]) < len(b) {
		dst = append(p.safe(append(dst, ` "`...), b[1:1+b[0]]), '"')
		b = b[1+b[0]:]
	}
	return dst
}

// appendFlag appends a letter if a flag is set.
func appendFlag(dst []byte, flag uint16, letter byte) []byte {
	if flag != 0 {
		return append(dst, letter)
	}
	return dst
}

// appendCount appends how many there are, unless it is the usual number.
func appendCount(dst []byte, n, usual uint16, what string) []byte {
	if n == usual {
		return dst
	}
	return append(append(appendUint(dst, " [", n), what...), ']')
}
