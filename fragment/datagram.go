package fragment

// find returns the datagram of a key, or nil.
func (s *Stage) find(k key) *datagram {
	if n, ok := s.index[k]; ok {
		return s.at(n)
	}
	return nil
}

// at returns the datagram with a sequence number.
func (s *Stage) at(n uint64) *datagram { return &s.ring[n%MaxDatagrams] }

// add remembers a new datagram, of which packet i of the batch is the first.
func (s *Stage) add(k key, nanos int64, i int) *datagram {
	if s.ring == nil {
		s.ring = make([]datagram, MaxDatagrams)
		s.index = make(map[key]uint64, MaxDatagrams)
	}
	if s.newest-s.oldest == MaxDatagrams {
		s.stats.Evicted++
		s.drop(i)
	}
	d := s.at(s.newest)
	*d = datagram{key: k, since: nanos}
	s.index[k] = s.newest
	s.newest++
	return d
}

// expire drops the datagrams whose time is over.
func (s *Stage) expire() {
	for s.oldest != s.newest && s.clock-s.at(s.oldest).since > Timeout {
		s.drop(-1)
	}
}

// drop forgets the oldest datagram. What was held back of it counts without
// ports, behind a packet of the batch.
func (s *Stage) drop(after int) {
	d := s.at(s.oldest)
	if s.index[d.key] == s.oldest {
		delete(s.index, d.key)
	}
	for n := d.head; n != 0; n = s.held[n-1].next {
		s.stats.Orphans++
	}
	s.release(d, after)
	s.oldest++
}

// release turns what was held back of a datagram into credits.
func (s *Stage) release(d *datagram, after int) {
	for n := d.head; n != 0; {
		h := &s.held[n-1]
		s.free = append(s.free, n-1)
		c := h.credit
		c.After = after
		if d.first {
			c.Has |= d.has
			c.Proto, c.SrcPort, c.DstPort = d.proto, d.srcPort, d.dstPort
		}
		s.credits = append(s.credits, c)
		n = h.next
	}
	d.head, d.tail = 0, 0
}

// take returns the number of a free place for a fragment.
func (s *Stage) take() uint32 {
	if last := len(s.free) - 1; last >= 0 {
		n := s.free[last]
		s.free = s.free[:last]
		return n
	}
	s.held = append(s.held, held{})
	return uint32(len(s.held) - 1)
}
