package stats

import (
	"math/bits"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// transform is what a key function does to each value.
type transform struct {
	width        uint64 // of a bucket; 0: a prefix
	bits4, bits6 uint8
}

// Bucket returns the key whose values are those of k rounded down to a multiple
// of width, which is not 0. k is of kind Uint, Int, Time or Duration.
func Bucket(k Key, width uint64) Key { return k.through(transform{width: width}) }

// Net returns the key whose values are the networks of the addresses of k, with
// prefixes of bits4 bits for IPv4 and bits6 for IPv6. k is of kind Addr.
func Net(k Key, bits4, bits6 uint8) Key {
	k = k.through(transform{bits4: bits4, bits6: bits6})
	k.Kind, k.Bits, k.Bits6 = field.Prefix, bits4, bits6
	return k
}

// through returns the key that passes the values of k through t.
func (k Key) through(t transform) Key {
	switch {
	case k.Column != nil:
		inner, signed := k.Column, k.Kind != field.Uint
		k.Column = func(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
			has := inner(b, in, dst)
			t.apply(has, dst, signed)
			return has
		}
	case k.Flow != nil:
		inner, signed := k.Flow, k.Kind != field.Uint
		k.Flow = func(rows []flow.Row, in packet.Set, dst *field.Vector) packet.Set {
			has := inner(rows, in, dst)
			t.apply(has, dst, signed)
			return has
		}
	case k.List != nil:
		inner, signed := k.List, k.Kind != field.Uint
		k.List = func(b *packet.Batch, i int, dst []field.Cell) []field.Cell {
			from := len(dst)
			dst = inner(b, i, dst)
			for j := from; j < len(dst); j++ {
				dst[j] = t.cell(dst[j], signed)
			}
			return dst
		}
	}
	return k
}

// apply transforms the rows of v that are in the set.
func (t transform) apply(in packet.Set, v *field.Vector, signed bool) {
	switch {
	case t.width == 0:
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			v.Cells[i] = v.Cells[i].Mask(t.bits4, t.bits6)
		}
	case t.width&(t.width-1) == 0:
		// Masking floors negative numbers too.
		keep := ^uint64(0) << bits.TrailingZeros64(t.width)
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			v.Cells[i].Lo &= keep
		}
	default:
		// Neighbours mostly share a bucket, times nearly always do.
		low, last := uint64(0), ^uint64(0)
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			c := &v.Cells[i].Lo
			if last == ^uint64(0) || *c-low > last {
				low, last = floor(*c, t.width, signed), t.width-1
			}
			*c = low
		}
	}
}

// cell transforms one value.
func (t transform) cell(c field.Cell, signed bool) field.Cell {
	if t.width == 0 {
		return c.Mask(t.bits4, t.bits6)
	}
	c.Lo = floor(c.Lo, t.width, signed)
	return c
}

// floor rounds v down to a multiple of width.
func floor(v, width uint64, signed bool) uint64 {
	if !signed || int64(v) >= 0 {
		return v - v%width
	}
	over := int64(v) % int64(width) // negative, or 0
	if over < 0 {
		over += int64(width)
	}
	return v - uint64(over)
}
