package stats

import "pkt/flow"

// The handles of a flow table count up from 0 for each IP version, which their
// highest bit tells.
const (
	pageBits = 10
	pageLen  = 1 << pageBits
	v6Bit    = 31
)

// byFlow keeps a small value for every flow in pages that never move.
type byFlow[T any] struct {
	pages [2][]*[pageLen]T
	stray T // of packets without a flow
}

// at returns the value of a flow.
func (f *byFlow[T]) at(h flow.Handle) *T {
	pages := f.pages[h>>v6Bit]
	page := int(h&(1<<v6Bit-1)) >> pageBits
	if page < len(pages) && pages[page] != nil {
		return &pages[page][h%pageLen]
	}
	if h == flow.NoFlow {
		return &f.stray
	}
	return f.grow(h)
}

func (f *byFlow[T]) grow(h flow.Handle) *T {
	pages := &f.pages[h>>v6Bit]
	page := int(h&(1<<v6Bit-1)) >> pageBits
	for len(*pages) <= page {
		*pages = append(*pages, nil)
	}
	(*pages)[page] = new([pageLen]T)
	return &(*pages)[page][h%pageLen]
}

// each calls do for every flow that there was.
func (f *byFlow[T]) each(do func(flow.Handle, *T)) {
	for version, pages := range f.pages {
		for n, page := range pages {
			if page == nil {
				continue
			}
			for i := range page {
				do(flow.Handle(version<<v6Bit|n<<pageBits|i), &page[i])
			}
		}
	}
}
