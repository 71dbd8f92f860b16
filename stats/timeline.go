package stats

// TimelineLen is the largest number of buckets of a Timeline: enough for any
// terminal's width.
const TimelineLen = 240

// firstWidth is how wide the buckets of a Timeline are at first: 1 ms.
const firstWidth = 1_000_000

// Timeline is traffic over time in a bounded number of buckets: when they do
// not reach far enough, neighbours are added up and all become twice as wide.
// The zero value is empty.
type Timeline struct {
	Start   Time     `json:"start,omitzero" doc:"when the first bucket begins"`
	Width   Duration `json:"width_s,omitzero" doc:"how long a bucket is"`
	Buckets []Volume `json:"buckets" doc:"traffic in each of them"`

	low int64 // where the bucket that was used last begins
	at  int   // its position
}

// add counts a packet. Packets from before the start go into the first bucket.
func (t *Timeline) add(ts int64, bytes uint64) {
	if uint64(ts-t.low) >= uint64(t.Width) {
		t.seek(ts)
	}
	b := &t.Buckets[t.at]
	b.Packets++
	b.Bytes += bytes
}

// seek moves to the bucket of a time.
func (t *Timeline) seek(ts int64) {
	if t.Width == 0 {
		t.Start, t.Width = Time(ts), firstWidth
		t.Buckets = make([]Volume, 0, TimelineLen)
	}
	start := int64(t.Start)
	ts = max(ts, start)
	at := uint64(ts-start) / uint64(t.Width)
	for at >= TimelineLen {
		t.fold()
		at /= 2
	}
	t.at = int(at)
	t.low = start + int64(at)*int64(t.Width)
	if n := t.at + 1; n > len(t.Buckets) {
		t.Buckets = t.Buckets[:n]
	}
}

// fold makes all buckets twice as wide.
func (t *Timeline) fold() {
	for i := range t.Buckets {
		if i%2 == 0 {
			t.Buckets[i/2] = t.Buckets[i]
		} else {
			t.Buckets[i/2].Packets += t.Buckets[i].Packets
			t.Buckets[i/2].Bytes += t.Buckets[i].Bytes
		}
	}
	half := (len(t.Buckets) + 1) / 2
	clear(t.Buckets[half:])
	t.Buckets = t.Buckets[:half]
	t.Width *= 2
}
