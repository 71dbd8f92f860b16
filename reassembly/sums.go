package reassembly

import (
	"pkt/decode"
	"pkt/field"
	"pkt/flow"
)

// hosts counts the checksums of senders.
type hosts struct {
	index map[field.Cell]uint32 // by address
	sums  []sums                // the first one is that of hosts for which there was no room
}

// sums is what was seen of a host.
type sums struct{ segments, wrong uint32 }

// maxHosts bounds the hosts that are told apart.
const maxHosts = 1 << 16

func newHosts() hosts { return hosts{index: map[field.Cell]uint32{}, sums: make([]sums, 1)} }

// assign finds the hosts of a new stream.
func (x *hosts) assign(flows Flows, s *Stream) {
	var row flow.Row
	flows.Row(s.Handle, &row)
	src := 0
	if row.SrcHigh {
		src = 1
	}
	s.Halves[src].host = x.find(row.Src)
	s.Halves[src^1].host = x.find(row.Dst)
}

func (x *hosts) find(addr field.Cell) uint32 {
	if n, ok := x.index[addr]; ok {
		return n
	}
	if len(x.sums) > maxHosts {
		return 0
	}
	n := uint32(len(x.sums))
	x.sums = append(x.sums, sums{})
	x.index[addr] = n
	return n
}

// trusts reports whether a segment with such a checksum counts.
func (a *Assembler) trusts(s *Stream, side uint8, sum decode.Sum) bool {
	h := &s.Halves[side]
	switch {
	case a.cfg.Checksum == Strict:
		if sum != decode.SumBad && sum != decode.SumOffload {
			return true
		}
	default:
		host := &a.hosts.sums[h.host]
		host.segments++
		if sum == decode.SumOffload {
			host.wrong++
			return true
		}
		if sum != decode.SumBad {
			return true
		}
		if host.wrong++; host.wrong >= (host.segments+9)/10 {
			return true
		}
	}
	h.note().BadSums++
	a.stats.BadSums++
	return false
}
