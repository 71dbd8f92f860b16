package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"pkt/field"
	"pkt/filter"
	"pkt/output"
	"pkt/packet"
	"pkt/process"
	"pkt/process/sockdiag"
)

// socketCounts counts sockets by keys.
type socketCounts struct {
	keys   []filter.Key[[]process.Socket]
	groups map[string]*socketGroup
	order  []*socketGroup
	vec    []field.Vector
}

// socketGroup is a row of counts: sockets that have the same values of the keys.
type socketGroup struct {
	cells   []field.Cell
	texts   []string // of the keys that are strings
	has     []bool
	sockets uint64
	recvQ   uint64
	sendQ   uint64
	tx, rx  float64 // bit/s, where they were measured
}

// newSocketCounts compiles --by; nothing to group by is nil.
func newSocketCounts(by []string, schema filter.Schema[[]process.Socket]) (*socketCounts, error) {
	if len(by) == 0 {
		return nil, nil
	}
	c := &socketCounts{groups: map[string]*socketGroup{}}
	for _, text := range by {
		items, err := filter.Split(text)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			names := []filter.Item{it}
			if it.Expr == "process" {
				names = processItems
			}
			for _, n := range names {
				k, err := filter.CompileKey(n, schema)
				if err != nil {
					return nil, err
				}
				if k.List {
					return nil, it.Errorf("a socket has several values of %s: it cannot be counted by", it.Name())
				}
				c.keys = append(c.keys, k)
			}
		}
	}
	c.vec = make([]field.Vector, len(c.keys))
	return c, nil
}

// processItems are what the key "process" stands for: one incarnation has one pid at a
// time.
var processItems = []filter.Item{
	{Text: "process.pid", Expr: "process.pid"},
	{Text: "process.comm", Expr: "process.comm"},
}

// add counts sockets, at most packet.BatchLen at a time.
func (c *socketCounts) add(rows []process.Socket) {
	has := make([]packet.Set, len(c.keys))
	for k := range c.keys {
		has[k] = c.keys[k].Col(rows, packet.FirstN(len(rows)), &c.vec[k])
	}
	var name []byte
	for i := range rows {
		name = name[:0]
		for k := range c.keys {
			name = appendKey(name, &c.keys[k].Field, &c.vec[k], has[k].Has(i), i)
		}
		g, ok := c.groups[string(name)]
		if !ok {
			g = c.group(has, i)
			c.groups[string(name)] = g
			c.order = append(c.order, g)
		}
		g.sockets++
		g.tx += rows[i].TxBPS
		g.rx += rows[i].RxBPS
		if rows[i].State != sockdiag.Listen {
			g.recvQ += uint64(rows[i].RecvQ)
			g.sendQ += uint64(rows[i].SendQ)
		}
	}
}

// appendKey appends what tells a value of a key apart from its others.
func appendKey(dst []byte, f *field.Field, v *field.Vector, has bool, i int) []byte {
	switch {
	case !has:
		return append(dst, 0)
	case f.Kind == field.String:
		text := v.TextAt(i)
		dst = binary.AppendUvarint(append(dst, 1), uint64(len(text)))
		return append(dst, text...)
	}
	dst = binary.BigEndian.AppendUint64(append(dst, 2), v.Cells[i].Hi)
	return binary.BigEndian.AppendUint64(dst, v.Cells[i].Lo)
}

// group makes the row of a socket's group.
func (c *socketCounts) group(has []packet.Set, i int) *socketGroup {
	g := &socketGroup{cells: make([]field.Cell, len(c.keys)), texts: make([]string, len(c.keys)), has: make([]bool, len(c.keys))}
	for k := range c.keys {
		if g.has[k] = has[k].Has(i); !g.has[k] {
			continue
		}
		g.cells[k] = c.vec[k].Cells[i]
		if c.keys[k].Kind == field.String {
			g.texts[k] = string(c.vec[k].TextAt(i))
		}
	}
	return g
}

// entries returns the columns of counts.
func (c *socketCounts) entries() []field.Entry[[]*socketGroup] {
	var all []field.Entry[[]*socketGroup]
	for k := range c.keys {
		f := c.keys[k].Field
		f.Scope = field.Socket
		all = append(all, field.Entry[[]*socketGroup]{Field: f, Col: func(rows []*socketGroup, in packet.Set, dst *field.Vector) (has packet.Set) {
			dst.Text = dst.Text[:0]
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				if !rows[i].has[k] {
					continue
				}
				dst.Cells[i] = rows[i].cells[k]
				if f.Kind == field.String {
					dst.SetText(i, rows[i].texts[k])
				}
				has.Add(i)
			}
			return has
		}})
	}
	number := func(name, doc string, unit field.Unit, read func(g *socketGroup) uint64) {
		all = append(all, field.Entry[[]*socketGroup]{
			Field: field.Field{Name: name, Doc: doc, Kind: field.Uint, Unit: unit, Scope: field.Socket, Sum: true},
			Col: func(rows []*socketGroup, in packet.Set, dst *field.Vector) packet.Set {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					dst.Cells[i].Lo = read(rows[i])
				}
				return in
			},
		})
	}
	number("sockets", "number of sockets", field.Count, func(g *socketGroup) uint64 { return g.sockets })
	number("recv_q", "bytes that wait to be read", field.Bytes, func(g *socketGroup) uint64 { return g.recvQ })
	number("send_q", "bytes that wait to be acknowledged", field.Bytes, func(g *socketGroup) uint64 { return g.sendQ })
	return all
}

// printCounts prints one row a group, the largest first.
func (p *socketPrinter) printCounts(c *socketCounts) error {
	for chunk := range slices.Chunk(p.rows, packet.BatchLen) {
		c.add(chunk)
	}
	slices.SortStableFunc(c.order, func(a, b *socketGroup) int { return cmp.Compare(b.sockets, a.sockets) })
	entries := c.entries()
	if p.flags.rate > 0 {
		entries = append(entries, rateEntries()...)
	}
	picked, err := pick(p.show.fields, namesOf(entries), entries, field.Socket)
	if err != nil {
		return err
	}
	rows, err := sortedGroups(p.rank, c.order, entries)
	if err != nil {
		return err
	}
	cols := output.Columns(picked)
	dress(cols, socketLooks)
	for i := range cols {
		if slices.ContainsFunc(c.keys, func(k filter.Key[[]process.Socket]) bool { return k.Name == cols[i].Name }) {
			cols[i].Key, cols[i].Priority, cols[i].Path = true, 0, "key."+cols[i].Name
		}
	}
	w, err := p.out.Records(output.Record{Type: "sockets", Columns: cols})
	if err != nil {
		return err
	}
	all := newSums(picked, socketLooks)
	reader := output.NewRows(picked)
	for chunk := range slices.Chunk(c.order, packet.BatchLen) {
		all.count(chunk, len(chunk))
	}
	for chunk := range slices.Chunk(rows, packet.BatchLen) {
		all.list(chunk, len(chunk))
		if err := reader.Write(chunk, packet.FirstN(len(chunk)), w); err != nil {
			return err
		}
	}
	if p.format.Text() {
		if hidden := len(c.order) - len(rows); hidden > 0 {
			err = w.Row(output.Other, all.other(fmt.Sprintf("other (%d)", hidden)))
		}
		if err == nil {
			err = w.Row(output.Total, all.total("total"))
		}
	}
	if e := w.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = p.footer(len(p.rows))
	}
	return err
}

// sortedGroups returns the groups in the order that --sort asks for, at most --limit.
func sortedGroups(rank *rankFlags, all []*socketGroup, entries []field.Entry[[]*socketGroup]) ([]*socketGroup, error) {
	rows := all
	if rank.sort != "" {
		keys, top, err := newOrder[*socketGroup](rank.sort, rank.limit, entries, field.Socket)
		if err != nil {
			return nil, err
		}
		for chunk := range slices.Chunk(all, packet.BatchLen) {
			keys.Read(chunk, packet.FirstN(len(chunk)))
			for i := range chunk {
				top.Add(keys.At(i), chunk[i])
			}
		}
		rows = nil
		for g := range top.All() {
			rows = append(rows, *g)
		}
	}
	if rank.limit > 0 {
		rows = rows[:min(len(rows), rank.limit)]
	}
	return rows, nil
}
