package main

import (
	"slices"

	"pkt/field"
	"pkt/process"
	"pkt/stats"
)

// isOwnerKey reports whether a key is a process itself, not something that processes
// have.
func isOwnerKey(k *stats.Key) bool { return k.Owner != nil && k.Kind == field.Uint }

// ownerKeyOf returns which of the keys is a process, -1 if none is.
func ownerKeyOf(keys []stats.Key) int {
	return slices.IndexFunc(keys, func(k stats.Key) bool { return isOwnerKey(&k) })
}

// byOwners reports whether a key is something that processes have.
func byOwners(keys []stats.Key) bool {
	return slices.ContainsFunc(keys, func(k stats.Key) bool { return k.Owner != nil })
}

// keyNames are the columns that tell rows with these keys apart: of a process its pid
// and its name.
func keyNames(keys []stats.Key) (names []string) {
	for i := range keys {
		if isOwnerKey(&keys[i]) {
			names = append(names, "process.pid", "process.comm")
		} else {
			names = append(names, keys[i].Name)
		}
	}
	return names
}

// ownerColumns are the columns of a ranking that has processes as its key k: pid and
// name tell rows apart, the others describe them.
func ownerColumns(k int, owners *process.Table) []field.Entry[[]stats.Row] {
	return process.Fields(field.Group, func(rows []stats.Row, i int, known *process.Known) bool {
		c, ok := rows[i].Cell(k)
		if !ok {
			return false
		}
		known.ID = process.ID(c.Lo)
		known.Owner, known.Via = owners.Owner(known.ID), owners.Via(known.ID)
		return true
	})
}

// ownerUsual returns what a table shows of processes beside pid and name: what any of
// the rows has.
func (p *topPrinter) ownerUsual(r *stats.Result) (columns []string) {
	key := ownerKeyOf(p.keys)
	if key < 0 {
		return nil
	}
	has := func(test func(o process.Owner) bool) bool {
		return r != nil && slices.ContainsFunc(r.Items, func(row stats.Row) bool {
			c, ok := row.Cell(key)
			return ok && test(p.owners.Owner(process.ID(c.Lo)))
		})
	}
	columns = append(columns, "process.user")
	if has(func(o process.Owner) bool { return o.Unit != "" }) {
		columns = append(columns, "process.unit")
	}
	if has(func(o process.Owner) bool { return o.Container != "" }) {
		columns = append(columns, "process.container")
	}
	return append(columns, "process.via")
}
