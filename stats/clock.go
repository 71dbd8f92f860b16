package stats

// clock is the capture's time: the latest that was seen. Ticks and intervals
// are absolute, so that they do not depend on where a capture begins.
type clock struct {
	next     int64  // now at which the tick or the interval ends
	now      int64  // of the live clock
	began    int64  // when the clock started; valid only if started
	tick     uint32 // counted from the first one
	tick0    int64  // beginning of the first tick
	interval int64  // beginning of the interval
	started  bool
}

// advance moves the clock to the time of a packet, or of the live clock, that is
// not before clock.next.
func (r *Ranking) advance(ts int64) {
	c := &r.clock
	if !c.started {
		c.started, c.began = true, ts
		c.tick0 = int64(floor(uint64(ts), tickLen, true))
		if r.cfg.Interval > 0 {
			c.interval = r.firstInterval(ts)
		}
	} else {
		r.counter.settle()
		r.admit()
		if width := r.cfg.Interval; width > 0 && ts-c.interval >= width {
			r.endInterval()
			c.interval += (ts - c.interval) / width * width
		}
	}
	c.tick = uint32((ts - c.tick0) / tickLen)
	c.next = c.tick0 + (int64(c.tick)+1)*tickLen
	if r.cfg.Interval > 0 {
		c.next = min(c.next, c.interval+r.cfg.Interval)
	}
	if r.total.hot[rest].tick != c.tick {
		r.total.endTick(rest, c.tick)
	}
}

// firstInterval is the beginning of the interval of the first packet. Live it is
// the end of the tick, so that none is shorter than the others: what comes
// before counts in the first.
func (r *Ranking) firstInterval(ts int64) int64 {
	if r.cfg.Live {
		unit := uint64(min(r.cfg.Interval, tickLen))
		return int64(floor(uint64(ts-1), unit, true) + unit)
	}
	return int64(floor(uint64(ts), uint64(r.cfg.Interval), true))
}

// tick moves the clock to a time of which all packets have come.
func (r *Ranking) tick(now int64) {
	if now >= r.clock.next || !r.clock.started {
		r.advance(now)
	}
	r.clock.now = max(r.clock.now, now)
}

// now is the time up to which all has been counted.
func (r *Ranking) now() int64 { return max(r.clock.now, r.total.hot[rest].last) }

// began is when the measured time begins.
func (r *Ranking) began() int64 {
	if r.cfg.Live {
		return r.clock.began
	}
	return r.total.hot[rest].first
}

// admit gives history to the groups that need it, at the end of a tick.
func (r *Ranking) admit() {
	if r.groups.rings == nil {
		return
	}
	var wanted func(uint32) bool
	if len(r.cfg.Within) > 0 {
		wanted = r.within
	}
	main := ticks(r.cfg.Windows[r.cfg.MainWindow()])
	r.groups.admit(r.clock.tick, main, r.clock.tick0+int64(r.clock.tick)*tickLen, wanted)
}
