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
	Start   int64 // of the first bucket: the time of the first packet
	Width   int64 // of every bucket, ns; 0 if empty
	Buckets []Volume

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
		t.Start, t.Width = ts, firstWidth
		t.Buckets = make([]Volume, 0, TimelineLen)
	}
	ts = max(ts, t.Start)
	at := uint64(ts-t.Start) / uint64(t.Width)
	for at >= TimelineLen {
		t.fold()
		at /= 2
	}
	t.at = int(at)
	t.low = t.Start + int64(at)*t.Width
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
