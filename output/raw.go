package output

import (
	"strconv"

	"pkt/field"
	"pkt/names"
)

// appendRaw appends one value that is not a String as records have it, without
// quotes: numbers with all their digits, durations in seconds.
func appendRaw(dst []byte, f *field.Field, c field.Cell, layout TimeLayout) []byte {
	switch f.Kind {
	case field.Uint:
		return strconv.AppendUint(dst, c.Lo, 10)
	case field.Int:
		return strconv.AppendInt(dst, c.Int(), 10)
	case field.Float:
		return appendFloat(dst, c.Float())
	case field.Bool:
		return strconv.AppendBool(dst, c.Lo != 0)
	case field.Enum:
		if c.Lo < uint64(len(f.Names)) {
			return append(dst, f.Names[c.Lo]...)
		}
		return strconv.AppendUint(dst, c.Lo, 10)
	case field.Addr:
		return c.Addr().AppendTo(dst)
	case field.Prefix:
		return appendPrefix(dst, f, c)
	case field.MAC:
		return appendMAC(dst, c.Lo)
	case field.Time:
		return AppendTime(dst, c.Int(), layout)
	case field.Duration:
		return AppendSeconds(dst, c.Int())
	case field.Port:
		return appendPort(dst, c)
	case field.ID:
		return appendHex(dst, c.Lo, 16)
	}
	return dst
}

// quoted reports whether JSON has values of the kind as strings.
func quoted(k field.Kind, layout TimeLayout) bool {
	switch k {
	case field.Uint, field.Int, field.Float, field.Bool, field.Duration:
		return false
	case field.Time:
		return !layout.number()
	}
	return true
}

func appendPrefix(dst []byte, f *field.Field, c field.Cell) []byte {
	bits := f.Bits6
	if c.Is4() {
		bits = f.Bits
	}
	dst = c.Addr().AppendTo(dst)
	return strconv.AppendUint(append(dst, '/'), uint64(bits), 10)
}

func appendMAC(dst []byte, mac uint64) []byte {
	for shift := 40; shift >= 0; shift -= 8 {
		dst = appendHex(dst, mac>>shift&0xff, 2)
		if shift > 0 {
			dst = append(dst, ':')
		}
	}
	return dst
}

// appendPort appends 443/tcp.
func appendPort(dst []byte, c field.Cell) []byte {
	dst = strconv.AppendUint(dst, c.Lo&0xffff, 10)
	return appendProto(append(dst, '/'), c)
}

// appendProto appends the protocol of a Port: its keyword or its number.
func appendProto(dst []byte, c field.Cell) []byte {
	proto := uint8(c.Lo >> 16)
	if name := names.Protocol(proto); name != "" {
		return append(dst, name...)
	}
	return strconv.AppendUint(dst, uint64(proto), 10)
}

const hexDigits = "0123456789abcdef"

// appendHex appends the last digits of n in hexadecimal.
func appendHex(dst []byte, n uint64, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[n>>shift&15])
	}
	return dst
}
