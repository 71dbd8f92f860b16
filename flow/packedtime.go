package flow

// packedTime is a duration in 32 bits: nanoseconds below 2.1 s, else
// microseconds with the highest bit set, up to 35 minutes.
type packedTime uint32

const inMicros = 1 << 31

// packTime packs d, which must not be negative.
func packTime(d int64) packedTime {
	if d < inMicros {
		return packedTime(d)
	}
	return packedTime(min(d/1000, inMicros-1)) | inMicros
}

// nanos returns the duration in nanoseconds.
func (p packedTime) nanos() int64 {
	if p&inMicros == 0 {
		return int64(p)
	}
	return int64(p&^inMicros) * 1000
}
