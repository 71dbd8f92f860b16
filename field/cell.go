package field

import (
	"encoding/binary"
	"math"
	"net/netip"
)

// Cell holds one value of any fixed kind. Two cells of one field are equal
// exactly when their values are, except for String, whose cells point at text.
type Cell struct{ Hi, Lo uint64 }

// v4mark stands above the 32 bits of an IPv4 address. It makes ::8000:0:a.b.c.d
// of it, in a range that IPv6 will not assign, so that an IPv4 address and its
// IPv4-mapped IPv6 address (::ffff:a.b.c.d) stay two values.
const v4mark = 0x80000000 << 32

// FromAddr4 returns the cell of an IPv4 address in network byte order.
func FromAddr4(b []byte) Cell { return Cell{Lo: v4mark | uint64(binary.BigEndian.Uint32(b))} }

// FromAddr16 returns the cell of an IPv6 address in network byte order.
func FromAddr16(b []byte) Cell {
	return Cell{Hi: binary.BigEndian.Uint64(b), Lo: binary.BigEndian.Uint64(b[8:])}
}

// FromAddr returns the cell of a; zones are dropped.
func FromAddr(a netip.Addr) Cell {
	if a.Is4() {
		b := a.As4()
		return FromAddr4(b[:])
	}
	b := a.As16()
	return FromAddr16(b[:])
}

// FromFloat returns the cell of a floating point number.
func FromFloat(v float64) Cell { return Cell{Lo: math.Float64bits(v)} }

// FromInt returns the cell of an Int, a Time or a Duration.
func FromInt(v int64) Cell { return Cell{Lo: uint64(v)} }

// FromBool returns the cell of a truth value.
func FromBool(v bool) Cell {
	if v {
		return Cell{Lo: 1}
	}
	return Cell{}
}

// FromPort returns the cell of a port of an IP protocol.
func FromPort(proto uint8, port uint16) Cell {
	return Cell{Lo: uint64(proto)<<16 | uint64(port)}
}

// Is4 reports whether the cell of an Addr holds an IPv4 address.
func (c Cell) Is4() bool { return c.Hi == 0 && c.Lo>>32 == v4mark>>32 }

// Addr returns the address of an Addr cell.
func (c Cell) Addr() netip.Addr {
	if c.Is4() {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(c.Lo))
		return netip.AddrFrom4(b)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], c.Hi)
	binary.BigEndian.PutUint64(b[8:], c.Lo)
	return netip.AddrFrom16(b)
}

// Mask clears the host bits of an Addr cell: all but the first bits4 of an
// IPv4 address, all but the first bits6 of an IPv6 address.
func (c Cell) Mask(bits4, bits6 uint8) Cell {
	if c.Is4() {
		if bits4 < 32 {
			c.Lo &^= 1<<(32-bits4) - 1
		}
		return c
	}
	switch {
	case bits6 <= 64:
		c.Lo = 0
		c.Hi &^= 1<<(64-bits6) - 1
	case bits6 < 128:
		c.Lo &^= 1<<(128-bits6) - 1
	}
	return c
}

// Float returns the number in a Float cell.
func (c Cell) Float() float64 { return math.Float64frombits(c.Lo) }

// Int returns the number in an Int, Time or Duration cell.
func (c Cell) Int() int64 { return int64(c.Lo) }
