package flow

// byStart returns all flows in the order of their first packets; those of the
// same time in the order of their places.
func (t *Table) byStart() []Handle {
	hs := make([]Handle, 0, t.live())
	for i := range t.v4.n {
		if t.v4.at(i).key&keyReasons == 0 {
			hs = append(hs, Handle(i))
		}
	}
	for i := range t.v6.n {
		if t.v6.at(i).key&keyReasons == 0 {
			hs = append(hs, Handle(i)|handleV6)
		}
	}
	return t.mergeRuns(hs)
}

// mergeRuns sorts flows by their first packets, stably. It merges the runs that
// are in order already: two if no place was ever used again, since places are
// given out in the order of the capture.
func (t *Table) mergeRuns(hs []Handle) []Handle {
	ends := t.runs(hs)
	if len(ends) < 2 {
		return hs
	}
	to := make([]Handle, len(hs))
	for len(ends) > 1 {
		merged := ends[:0]
		start := 0
		for i := 0; i < len(ends); i += 2 {
			mid := ends[i]
			end := mid
			if i+1 < len(ends) {
				end = ends[i+1]
			}
			t.merge(to[start:end], hs[start:mid], hs[mid:end])
			merged = append(merged, end)
			start = end
		}
		hs, to, ends = to, hs, merged
	}
	return hs
}

// runs returns where the runs in order end.
func (t *Table) runs(hs []Handle) (ends []int) {
	last := int64(0)
	for i, h := range hs {
		first := t.link(h).first
		if i > 0 && first < last {
			ends = append(ends, i)
		}
		last = first
	}
	return append(ends, len(hs))
}

// merge merges two runs into one.
func (t *Table) merge(to, a, b []Handle) {
	for i := range to {
		if len(b) == 0 || len(a) > 0 && t.link(a[0]).first <= t.link(b[0]).first {
			to[i], a = a[0], a[1:]
		} else {
			to[i], b = b[0], b[1:]
		}
	}
}
