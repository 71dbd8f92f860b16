package filter

import (
	"pkt/field"
	"pkt/packet"
)

// constValue is a constant.
type constValue struct{ vec field.Vector }

func newConst(n *node) value {
	v := &constValue{}
	c := n.cell
	if n.typ.Kind == field.String {
		v.vec.SetText(0, n.text)
		c = v.vec.Cells[0]
	}
	for i := range v.vec.Cells {
		v.vec.Cells[i] = c
	}
	return v
}

func (v *constValue) load(in packet.Set) (*field.Vector, packet.Set) { return &v.vec, in }

// testValue is a test as a value, which every row has.
type testValue struct {
	x   test
	vec field.Vector
}

func (v *testValue) load(in packet.Set) (*field.Vector, packet.Set) {
	yes := v.x.filter(in)
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		v.vec.Cells[i] = field.FromBool(yes.Has(i))
	}
	return &v.vec, in
}

// convertValue is a number as one of another kind.
type convertValue struct {
	x        value
	from, to field.Kind
	vec      field.Vector
}

func (v *convertValue) load(in packet.Set) (*field.Vector, packet.Set) {
	x, has := v.x.load(in)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		v.vec.Cells[i] = converted(v.from, v.to, x.Cells[i])
	}
	return &v.vec, has
}

// put copies the rows of a set from one vector to another.
func put(dst, src *field.Vector, rows packet.Set, text bool) {
	for i := rows.Next(0); i >= 0; i = rows.Next(i + 1) {
		if text {
			start := len(dst.Text)
			dst.Text = append(dst.Text, src.TextAt(i)...)
			dst.Cells[i] = field.Cell{Lo: uint64(start)<<32 | uint64(len(dst.Text)-start)}
		} else {
			dst.Cells[i] = src.Cells[i]
		}
	}
}

// chooseValue is "a ? b : c".
type chooseValue struct {
	cond    test
	yes, no value
	text    bool
	vec     field.Vector
}

func (v *chooseValue) load(in packet.Set) (*field.Vector, packet.Set) {
	v.vec.Text = v.vec.Text[:0]
	c := v.cond.filter(in)
	x, yes := v.yes.load(c)
	put(&v.vec, x, yes, v.text)
	y, no := v.no.load(in.AndNot(c))
	put(&v.vec, y, no, v.text)
	return &v.vec, yes.Or(no)
}

// coalesceValue is "a ?? b".
type coalesceValue struct {
	x, y value
	text bool
	vec  field.Vector
}

func (v *coalesceValue) load(in packet.Set) (*field.Vector, packet.Set) {
	v.vec.Text = v.vec.Text[:0]
	x, has := v.x.load(in)
	put(&v.vec, x, has, v.text)
	y, other := v.y.load(in.AndNot(has))
	put(&v.vec, y, other, v.text)
	return &v.vec, has.Or(other)
}

// arithValue computes with one or two numbers of a kind.
type arithValue struct {
	x, y value // y is nil where op takes one
	op   arith
	kind field.Kind
	vec  field.Vector
}

func (v *arithValue) load(in packet.Set) (*field.Vector, packet.Set) {
	x, has := v.x.load(in)
	y := x
	if v.y != nil {
		y, has = v.y.load(has)
	}
	if v.kind == field.Float || v.op > arithMultiply {
		return &v.vec, v.others(x, y, has)
	}
	for w, set := range has {
		if set == 0 {
			continue
		}
		// Rows that lack the value get one that nobody looks at.
		out, left, right := word(&v.vec, w), word(x, w), word(y, w)
		switch v.op {
		case arithAdd:
			for i := range out {
				out[i].Lo = left[i].Lo + right[i].Lo
			}
		case arithSubtract:
			for i := range out {
				out[i].Lo = left[i].Lo - right[i].Lo
			}
		case arithMultiply:
			for i := range out {
				out[i].Lo = left[i].Lo * right[i].Lo
			}
		}
	}
	return &v.vec, has
}

// others is load of operations that are rarer, or may have no result.
func (v *arithValue) others(x, y *field.Vector, has packet.Set) packet.Set {
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		c, ok := v.op.of(v.kind, x.Cells[i], y.Cells[i])
		if !ok {
			has.Remove(i)
			continue
		}
		v.vec.Cells[i] = c
	}
	return has
}

// bucketValue rounds numbers down to a multiple of a width.
type bucketValue struct {
	x     value
	kind  field.Kind
	width field.Cell
	vec   field.Vector
}

func (v *bucketValue) load(in packet.Set) (*field.Vector, packet.Set) {
	x, has := v.x.load(in)
	if v.kind == field.Float {
		for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
			v.vec.Cells[i] = floorTo(v.kind, x.Cells[i], v.width)
		}
		return &v.vec, has
	}
	// Neighbours mostly share a bucket, times nearly always do.
	var low field.Cell
	within := uint64(0)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		if c := x.Cells[i]; c.Lo-low.Lo >= within {
			low, within = floorTo(v.kind, c, v.width), v.width.Lo
		}
		v.vec.Cells[i] = low
	}
	return &v.vec, has
}

// netValue is the network of an address.
type netValue struct {
	x            value
	bits4, bits6 uint8
	vec          field.Vector
}

func (v *netValue) load(in packet.Set) (*field.Vector, packet.Set) {
	x, has := v.x.load(in)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		v.vec.Cells[i] = x.Cells[i].Mask(v.bits4, v.bits6)
	}
	return &v.vec, has
}

// stringValue is a value as text.
type stringValue struct {
	x   value
	typ field.Field
	vec field.Vector
}

func (v *stringValue) load(in packet.Set) (*field.Vector, packet.Set) {
	v.vec.Text = v.vec.Text[:0]
	x, has := v.x.load(in)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		start := len(v.vec.Text)
		v.vec.Text = appendText(v.vec.Text, &v.typ, x.Cells[i])
		v.vec.Cells[i] = field.Cell{Lo: uint64(start)<<32 | uint64(len(v.vec.Text)-start)}
	}
	return &v.vec, has
}

// concatValue joins two texts.
type concatValue struct {
	x, y value
	vec  field.Vector
}

func (v *concatValue) load(in packet.Set) (*field.Vector, packet.Set) {
	v.vec.Text = v.vec.Text[:0]
	x, has := v.x.load(in)
	y, has := v.y.load(has)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		start := len(v.vec.Text)
		v.vec.Text = append(append(v.vec.Text, x.TextAt(i)...), y.TextAt(i)...)
		v.vec.Cells[i] = field.Cell{Lo: uint64(start)<<32 | uint64(len(v.vec.Text)-start)}
	}
	return &v.vec, has
}

// countValue is how many values a list has.
type countValue struct {
	x   list
	buf []field.Cell
	vec field.Vector
}

func (v *countValue) load(in packet.Set) (*field.Vector, packet.Set) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		v.buf = v.x.cells(i, v.buf[:0])
		v.vec.Cells[i] = field.Cell{Lo: uint64(len(v.buf))}
	}
	return &v.vec, in
}

// lenValue is the length of text, in bytes.
type lenValue struct {
	x   value
	vec field.Vector
}

func (v *lenValue) load(in packet.Set) (*field.Vector, packet.Set) {
	x, has := v.x.load(in)
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		v.vec.Cells[i] = field.Cell{Lo: x.Cells[i].Lo & 0xffffffff}
	}
	return &v.vec, has
}

// bucketList and netList are lists whose values are rounded down, or networks.
type bucketList struct {
	x     list
	kind  field.Kind
	width field.Cell
}

func (l *bucketList) cells(i int, dst []field.Cell) []field.Cell {
	from := len(dst)
	dst = l.x.cells(i, dst)
	for k := from; k < len(dst); k++ {
		dst[k] = floorTo(l.kind, dst[k], l.width)
	}
	return dst
}

type netList struct {
	x            list
	bits4, bits6 uint8
}

func (l *netList) cells(i int, dst []field.Cell) []field.Cell {
	from := len(dst)
	dst = l.x.cells(i, dst)
	for k := from; k < len(dst); k++ {
		dst[k] = dst[k].Mask(l.bits4, l.bits6)
	}
	return dst
}
