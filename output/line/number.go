package line

import (
	"net/netip"
	"strconv"
)

// octets are the decimal forms of all bytes.
var octets = func() (t [256]string) {
	for i := range t {
		t[i] = strconv.Itoa(i)
	}
	return t
}()

const hexDigits = "0123456789abcdef"

// appendHex appends the last digits of n in hexadecimal.
func appendHex(dst []byte, n uint64, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[n>>shift&15])
	}
	return dst
}

// append0x appends n as 0x1f, with no more digits than it has.
func append0x(dst []byte, n uint64) []byte {
	return strconv.AppendUint(append(dst, "0x"...), n, 16)
}

// appendBytes appends bytes in hexadecimal without blanks.
func appendBytes(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// appendUint appends words and a number.
func appendUint[N ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int](dst []byte, words string, n N) []byte {
	return strconv.AppendUint(append(dst, words...), uint64(n), 10)
}

// appendPadded appends n with blanks in front of it, in width cells at least.
func appendPadded(dst []byte, n uint64, width int) []byte {
	digits := 1
	for v := n; v >= 10; v /= 10 {
		digits++
	}
	return strconv.AppendUint(appendBlanks(dst, width-digits), n, 10)
}

func appendBlanks(dst []byte, n int) []byte {
	for ; n > 0; n-- {
		dst = append(dst, ' ')
	}
	return dst
}

// append2 appends a number below 100 with two digits.
func append2(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// appendAddr4 appends the IPv4 address that b begins with.
func appendAddr4(dst, b []byte) []byte {
	_ = b[3]
	dst = append(append(dst, octets[b[0]]...), '.')
	dst = append(append(dst, octets[b[1]]...), '.')
	dst = append(append(dst, octets[b[2]]...), '.')
	return append(dst, octets[b[3]]...)
}

// appendAddr16 appends the IPv6 address that b begins with.
func appendAddr16(dst, b []byte) []byte { return netip.AddrFrom16([16]byte(b)).AppendTo(dst) }

// appendMAC appends the hardware address that b is.
func appendMAC(dst, b []byte) []byte {
	for i, c := range b {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}
