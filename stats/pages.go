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

// slab hands out numbered places in pages that never move.
type slab[T any] struct {
	pages  []*[pageLen]T
	n      uint32   // places ever used
	unused []uint32 // of them, those that were given back
}

// at returns a place that was taken.
func (s *slab[T]) at(i uint32) *T { return &s.pages[i>>pageBits][i%pageLen] }

// take returns the number of a place whose content is undefined.
func (s *slab[T]) take() uint32 {
	if last := len(s.unused) - 1; last >= 0 {
		i := s.unused[last]
		s.unused = s.unused[:last]
		return i
	}
	s.reach(s.n)
	s.n++
	return s.n - 1
}

// reach makes place i exist.
func (s *slab[T]) reach(i uint32) {
	for uint32(len(s.pages)) <= i>>pageBits {
		s.pages = append(s.pages, new([pageLen]T))
	}
}

// give takes a place back.
func (s *slab[T]) give(i uint32) { s.unused = append(s.unused, i) }

// used is the number of places in use.
func (s *slab[T]) used() int { return int(s.n) - len(s.unused) }
