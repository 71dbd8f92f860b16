package filter

import (
	"slices"

	"pkt/field"
)

// maxSmall is how many values a set looks through one by one.
const maxSmall = 16

// valueSet is a set of values: few in a list, many in a map.
type valueSet struct {
	small []field.Cell
	many  map[field.Cell]struct{} // empty while small holds all
}

func (s *valueSet) len() int { return len(s.small) + len(s.many) }

func (s *valueSet) has(c field.Cell) bool {
	if len(s.many) == 0 {
		return slices.Contains(s.small, c)
	}
	_, has := s.many[c]
	return has
}

func (s *valueSet) reset() {
	s.small = s.small[:0]
	clear(s.many)
}

// add adds a value that the set does not have.
func (s *valueSet) add(c field.Cell) {
	if len(s.many) == 0 && len(s.small) < maxSmall {
		s.small = append(s.small, c)
		return
	}
	if s.many == nil {
		s.many = make(map[field.Cell]struct{}, 2*maxSmall)
	}
	for _, have := range s.small {
		s.many[have] = struct{}{}
	}
	s.small = s.small[:0]
	s.many[c] = struct{}{}
}

// all calls yield for every value, in no order.
func (s *valueSet) all(yield func(field.Cell) bool) {
	for _, c := range s.small {
		if !yield(c) {
			return
		}
	}
	for c := range s.many {
		if !yield(c) {
			return
		}
	}
}
