package filter

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"

	"pkt/field"
	"pkt/names"
)

// appendText appends a value as string() writes it: as JSON and CSV do.
func appendText(dst []byte, t *field.Field, c field.Cell) []byte {
	switch t.Kind {
	case field.Uint:
		return strconv.AppendUint(dst, c.Lo, 10)
	case field.Int:
		return strconv.AppendInt(dst, c.Int(), 10)
	case field.Float:
		return strconv.AppendFloat(dst, c.Float(), 'g', -1, 64)
	case field.Bool:
		return strconv.AppendBool(dst, c.Lo != 0)
	case field.Enum:
		if c.Lo < uint64(len(t.Names)) {
			return append(dst, t.Names[c.Lo]...)
		}
		return strconv.AppendUint(dst, c.Lo, 10)
	case field.Addr:
		return c.Addr().AppendTo(dst)
	case field.Prefix:
		bits := int(t.Bits6)
		if c.Is4() {
			bits = int(t.Bits)
		}
		return netip.PrefixFrom(c.Addr(), bits).AppendTo(dst)
	case field.MAC:
		return appendMAC(dst, c.Lo)
	case field.Time:
		return time.Unix(0, c.Int()).UTC().AppendFormat(dst, time.RFC3339Nano)
	case field.Duration:
		return strconv.AppendFloat(dst, float64(c.Int())/1e9, 'g', -1, 64)
	case field.Port:
		return appendPort(dst, c.Lo)
	}
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[c.Lo>>shift&15])
	}
	return dst
}

// appendMAC appends six bytes with colons between them.
func appendMAC(dst []byte, v uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 40; shift >= 0; shift -= 8 {
		b := byte(v >> shift)
		dst = append(dst, digits[b>>4], digits[b&15])
		if shift > 0 {
			dst = append(dst, ':')
		}
	}
	return dst
}

// appendPort appends a port with its protocol.
func appendPort(dst []byte, v uint64) []byte {
	dst = strconv.AppendUint(dst, v&0xffff, 10)
	dst = append(dst, '/')
	if name := names.Protocol(uint8(v >> 16)); name != "" {
		return append(dst, name...)
	}
	return strconv.AppendUint(dst, v>>16, 10)
}

// prepare makes what text is looked up in.
func (m *textMatch) prepare() {
	m.needle = []byte(m.words[0])
	if m.test == textEqual && len(m.words) > 1 {
		m.set = map[string]struct{}{}
		for _, w := range m.words {
			m.set[w] = struct{}{}
		}
	}
}

// matches reports whether text that is there passes.
func (m *textMatch) matches(s []byte) bool {
	ok := false
	switch m.test {
	case textEqual:
		if m.set != nil {
			_, ok = m.set[string(s)]
		} else {
			ok = string(s) == m.words[0]
		}
	case textContains:
		ok = bytes.Contains(s, m.needle)
	case textPrefix:
		ok = bytes.HasPrefix(s, m.needle)
	case textSuffix:
		ok = bytes.HasSuffix(s, m.needle)
	case textPattern:
		ok = m.pattern.Match(s)
	}
	return ok != m.negate
}
