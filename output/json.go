package output

import (
	"strconv"

	"pkt/field"
)

// jsonWriter writes objects. It walks the members of a record as a list of
// leaves; objects are opened when their first present member comes, so that an
// object without members does not appear.
type jsonWriter struct {
	p      *Printer
	cols   []Column
	head   []byte // {"type":"top"
	other  bool
	leaves []leaf
	opens  []object
	inside []int // the objects that are open now, positions in opens
}

// leaf is one value of an object.
type leaf struct {
	key    []byte // ,"name":
	column int
	in     []int // the objects it lies in, outermost first
	proto  bool
	port   bool // a Port that is written as its number
	quote  bool
}

// object is an object below the record itself.
type object struct{ key []byte } // ,"name":{

func newJSONWriter(p *Printer, r Record) (Writer, error) {
	root, err := shape(r)
	if err != nil {
		return nil, err
	}
	j := &jsonWriter{p: p, cols: r.Columns, other: r.Other}
	j.head = AppendJSONString([]byte(`{"type":`), r.Type)
	j.flatten(root, nil)
	return j, p.err
}

// flatten appends the leaves below m, which lies in the given objects.
func (j *jsonWriter) flatten(m *member, in []int) {
	for _, n := range m.members {
		key := append(AppendJSONString([]byte{','}, n.name), ':')
		if n.members != nil {
			j.opens = append(j.opens, object{key: append(key, '{')})
			j.flatten(n, append(in[:len(in):len(in)], len(j.opens)-1))
			continue
		}
		c := &j.cols[n.column]
		port := c.Kind == field.Port && plainPort(c)
		j.leaves = append(j.leaves, leaf{
			key: key, column: n.column, in: in, proto: n.proto, port: port && !n.proto,
			quote: n.proto || !port && quoted(c.Kind, j.p.opt.Time),
		})
	}
}

// Row implements Writer.
func (j *jsonWriter) Row(kind RowKind, v []Value) error {
	if kind == Total {
		return j.p.err
	}
	b := j.p.buf
	if j.p.format == JSON {
		if j.p.records {
			b = append(b, ",\n"...)
		} else {
			b = append(b, "[\n"...)
		}
	}
	j.p.records = true
	b = append(b, j.head...)
	if j.other {
		b = AppendJSONString(append(b, `,"row":`...), rowNames[kind])
	}
	comma := true // whether something stands before the next member
	for i := range j.leaves {
		l := &j.leaves[i]
		c, val := &j.cols[l.column], &v[l.column]
		has := c.has(val)
		if !has && !c.Key {
			continue
		}
		if len(j.inside) > 0 || len(l.in) > 0 {
			b, comma = j.enter(b, l.in, comma)
		}
		b = appendMember(b, l.key, comma)
		comma = true
		if has {
			b = j.value(b, l, c, val)
		} else {
			b = append(b, "null"...)
		}
	}
	b, _ = j.enter(b, nil, comma)
	b = append(b, '}')
	if j.p.format == NDJSON {
		b = append(b, '\n')
	}
	j.p.buf = b
	return j.p.wrote()
}

// enter closes and opens objects until exactly those of in are open.
func (j *jsonWriter) enter(b []byte, in []int, comma bool) ([]byte, bool) {
	same := 0
	for same < len(in) && same < len(j.inside) && in[same] == j.inside[same] {
		same++
	}
	for len(j.inside) > same {
		b = append(b, '}')
		j.inside = j.inside[:len(j.inside)-1]
		comma = true
	}
	for _, o := range in[same:] {
		b = appendMember(b, j.opens[o].key, comma)
		j.inside = append(j.inside, o)
		comma = false
	}
	return b, comma
}

// appendMember appends a key that begins with a comma, without it where it is
// the first of its object.
func appendMember(b, key []byte, comma bool) []byte {
	if !comma {
		key = key[1:]
	}
	return append(b, key...)
}

func (j *jsonWriter) value(b []byte, l *leaf, c *Column, v *Value) []byte {
	if !c.List {
		return j.scalar(b, l, c, v.Cell, v.Text)
	}
	b = append(b, '[')
	for i, cell := range v.List {
		if i > 0 {
			b = append(b, ',')
		}
		b = j.scalar(b, l, c, cell, nil)
	}
	return append(b, ']')
}

func (j *jsonWriter) scalar(b []byte, l *leaf, c *Column, cell field.Cell, text []byte) []byte {
	switch {
	case c.Kind == field.String:
		return AppendJSONString(b, text)
	case c.Kind == field.Enum && cell.Lo < uint64(len(c.Names)):
		return AppendJSONString(b, c.Names[cell.Lo])
	case l.proto:
		b = appendProto(append(b, '"'), cell)
	case l.port:
		return strconv.AppendUint(b, cell.Lo&0xffff, 10)
	case l.quote:
		b = appendRaw(append(b, '"'), &c.Field, cell, j.p.opt.Time)
	default:
		return appendRaw(b, &c.Field, cell, j.p.opt.Time)
	}
	return append(b, '"')
}

// Close implements Writer.
func (j *jsonWriter) Close() error { return j.p.err }
