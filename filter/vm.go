package filter

import (
	"encoding/binary"
	"time"

	"github.com/expr-lang/expr/vm"
	"pkt/field"
	"pkt/packet"
)

// maxMemo is how many results a VM kernel remembers.
const maxMemo = 1 << 13

// vmValue is what expr's VM computes, row by row. Results are remembered by the
// values that went in: rows mostly repeat them.
//
// A row that lacks one of the fields that go in lacks the result, and so does
// one for which the program fails.
type vmValue struct {
	program *vm.Program
	leaves  []vmLeaf
	kind    field.Kind
	machine vm.VM
	env     map[string]any
	memo    map[string]result
	hits    int // since the memo was begun
	misses  int
	key     []byte
	cells   []field.Cell
	text    []byte
	vec     field.Vector
}

// vmLeaf is what goes into the program under a name: one value, or a list.
type vmLeaf struct {
	name  string
	typ   field.Field
	value value
	list  list
	vec   *field.Vector
}

// result is what the program made of some values.
type result struct {
	cell field.Cell
	text string
	ok   bool
}

func (v *vmValue) load(in packet.Set) (*field.Vector, packet.Set) {
	v.vec.Text = v.vec.Text[:0]
	has := in
	for k := range v.leaves {
		if l := &v.leaves[k]; l.value != nil {
			l.vec, has = l.value.load(has)
		}
	}
	for i := has.Next(0); i >= 0; i = has.Next(i + 1) {
		r := v.row(i)
		switch {
		case !r.ok:
			has.Remove(i)
		case v.kind == field.String:
			v.vec.SetText(i, r.text)
		default:
			v.vec.Cells[i] = r.cell
		}
	}
	return &v.vec, has
}

// row returns the result for row i.
func (v *vmValue) row(i int) result {
	v.key = v.key[:0]
	for k := range v.leaves {
		v.key = v.leaves[k].appendKey(v, i)
	}
	if r, known := v.memo[string(v.key)]; known {
		v.hits++
		return r
	}
	r := v.run(i)
	if v.memo == nil {
		return r
	}
	if v.misses++; len(v.memo) == maxMemo {
		// What hardly ever repeats is not worth remembering.
		if v.hits < v.misses {
			v.memo = nil
			return r
		}
		clear(v.memo)
		v.hits, v.misses = 0, 0
	}
	v.memo[string(v.key)] = r
	return r
}

// appendKey appends what tells the leaf's values apart to v.key.
func (l *vmLeaf) appendKey(v *vmValue, i int) []byte {
	switch {
	case l.list != nil:
		v.cells = l.list.cells(i, v.cells[:0])
		v.key = binary.LittleEndian.AppendUint32(v.key, uint32(len(v.cells)))
		for _, c := range v.cells {
			v.key = appendCell(v.key, c)
		}
		return v.key
	case l.typ.Kind == field.String:
		text := l.vec.TextAt(i)
		v.key = binary.LittleEndian.AppendUint32(v.key, uint32(len(text)))
		return append(v.key, text...)
	}
	return appendCell(v.key, l.vec.Cells[i])
}

func appendCell(dst []byte, c field.Cell) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, c.Lo), c.Hi)
}

// run runs the program on row i.
func (v *vmValue) run(i int) result {
	for k := range v.leaves {
		l := &v.leaves[k]
		switch {
		case l.list != nil:
			v.cells = l.list.cells(i, v.cells[:0])
			v.env[l.name] = v.listValue(&l.typ)
		case l.typ.Kind == field.String:
			v.env[l.name] = string(l.vec.TextAt(i))
		default:
			v.env[l.name] = v.value(&l.typ, l.vec.Cells[i])
		}
	}
	out, err := v.machine.Run(v.program, v.env)
	if err != nil {
		return result{}
	}
	cell, text, ok := fromVM(v.kind, out)
	return result{cell, text, ok}
}

// value returns a cell as expr sees it; see zero.
func (v *vmValue) value(t *field.Field, c field.Cell) any {
	switch t.Kind {
	case field.Uint, field.Int:
		return int(c.Int())
	case field.Port:
		return int(c.Lo & 0xffff)
	case field.Float, field.Duration:
		return floatOf(t.Kind, c)
	case field.Bool:
		return c.Lo != 0
	case field.Time:
		return time.Unix(0, c.Int()).UTC()
	}
	v.text = appendText(v.text[:0], t, c)
	return string(v.text)
}

// listValue returns v.cells as expr sees a list.
func (v *vmValue) listValue(t *field.Field) any {
	if t.Kind == field.Uint || t.Kind == field.Int {
		out := make([]int, len(v.cells))
		for i, c := range v.cells {
			out[i] = int(c.Int())
		}
		return out
	}
	out := make([]string, len(v.cells))
	for i, c := range v.cells {
		v.text = appendText(v.text[:0], t, c)
		out[i] = string(v.text)
	}
	return out
}
