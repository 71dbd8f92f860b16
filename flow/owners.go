package flow

import "pkt/process"

// ends are the owners of a flow's sides, by the numbers of these.
type ends [2]process.Side

// SetOwners notes who owns the ends of flow h: first that of its originator, by what
// is believed now. Rows have it from now on.
func (t *Table) SetOwners(h Handle, owners [2]process.Side) {
	o := t.record(h).origin()
	pages, i := &t.owners4, uint32(h)
	if h&handleV6 != 0 {
		pages, i = &t.owners6, i&^uint32(handleV6)
	}
	for int(i>>pageBits) >= len(*pages) {
		*pages = append(*pages, nil)
	}
	page := &(*pages)[i>>pageBits]
	if *page == nil {
		*page = new([pageLen]ends)
	}
	(*page)[i%pageLen] = ends{owners[o], owners[o^1]}
}

// owners returns the owners of the ends of a flow whose originator is side o.
func (t *Table) owners(h Handle, o uint8) (owners [2]process.Side) {
	if e := t.ends(h); e != nil {
		owners = [2]process.Side{e[o], e[o^1]}
	}
	return owners
}

// ends returns where the owners of a flow are, nil if there are none.
func (t *Table) ends(h Handle) *ends {
	pages, i := t.owners4, uint32(h)
	if h&handleV6 != 0 {
		pages, i = t.owners6, i&^uint32(handleV6)
	}
	if int(i>>pageBits) >= len(pages) || pages[i>>pageBits] == nil {
		return nil
	}
	return &pages[i>>pageBits][i%pageLen]
}

// disown forgets the owners of a flow whose handle is used again.
func (t *Table) disown(h Handle) {
	if e := t.ends(h); e != nil {
		*e = ends{}
	}
}
