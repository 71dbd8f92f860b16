package line

import (
	"strconv"
	"time"

	"pkt/output"
)

// How times of lines are written, by how often -t was given.
const (
	StampTime  = iota // time of day
	StampNone         // none
	StampEpoch        // seconds since 1970
	StampDelta        // time since the line before
	StampDate         // date and time of day
	StampFirst        // time since the first line

	LastStamp = StampFirst
)

const (
	second = int64(1e9)
	minute = 60 * second
)

// Clock writes the times of lines, each followed by a blank. Those that count
// from another line remember it: a Clock has to see the lines in order.
type Clock struct {
	stamp  int
	loc    *time.Location
	nano   bool
	layout output.TimeLayout

	begun   bool
	from    int64  // what StampDelta and StampFirst count from
	minute  int64  // that text stands for
	text    []byte // date, hour and minute, up to the seconds
	written bool
}

// NewClock returns a clock for times in a zone, with nine digits behind the
// point or with six.
func NewClock(stamp int, loc *time.Location, nano bool) Clock {
	return Clock{stamp: stamp, loc: loc, nano: nano}
}

// NewLayoutClock returns a clock that writes times in a layout.
func NewLayoutClock(layout output.TimeLayout, loc *time.Location) Clock {
	return Clock{loc: loc, layout: layout}
}

// Append appends a point in time and a blank.
func (c *Clock) Append(dst []byte, nanos int64) []byte {
	if c.layout != output.TimeDefault {
		return append(output.AppendLocalTime(dst, nanos, c.layout, c.loc), ' ')
	}
	switch c.stamp {
	case StampNone:
		return dst
	case StampEpoch:
		return append(c.seconds(dst, nanos), ' ')
	case StampDelta, StampFirst:
		return append(c.since(dst, nanos), ' ')
	}
	rest := nanos % minute
	if rest < 0 {
		rest += minute
	}
	if at := nanos - rest; at != c.minute || !c.written {
		c.begin(at)
	}
	dst = append(dst, c.text...)
	dst = append2(dst, int(rest/second))
	return append(c.fraction(dst, rest%second), ' ')
}

// begin notes what all times of a minute begin with. Zones that are not whole
// minutes from UTC, as those of the 19th century, begin it a little off.
func (c *Clock) begin(at int64) {
	layout := "15:04:"
	if c.stamp == StampDate {
		layout = "2006-01-02 15:04:"
	}
	c.text = time.Unix(0, at).In(c.loc).AppendFormat(c.text[:0], layout)
	c.minute, c.written = at, true
}

// seconds appends nanoseconds as seconds.
func (c *Clock) seconds(dst []byte, nanos int64) []byte {
	abs := uint64(nanos)
	if nanos < 0 {
		dst = append(dst, '-')
		abs = -abs
	}
	return c.fraction(strconv.AppendUint(dst, abs/1e9, 10), int64(abs%1e9))
}

// since appends the time since an earlier line as hours, minutes and seconds,
// behind a blank or a sign.
func (c *Clock) since(dst []byte, nanos int64) []byte {
	if !c.begun {
		c.from, c.begun = nanos, true
	}
	span := uint64(nanos - c.from)
	if nanos < c.from {
		dst, span = append(dst, '-'), -span
	} else {
		dst = append(dst, ' ')
	}
	if c.stamp == StampDelta {
		c.from = nanos
	}
	secs := span / 1e9
	if hours := secs / 3600; hours < 100 {
		dst = append2(dst, int(hours))
	} else {
		dst = strconv.AppendUint(dst, hours, 10)
	}
	dst = append2(append(dst, ':'), int(secs/60%60))
	dst = append2(append(dst, ':'), int(secs%60))
	return c.fraction(dst, int64(span%1e9))
}

// fraction appends a part of a second behind its point.
func (c *Clock) fraction(dst []byte, nanos int64) []byte {
	n, digits := uint32(nanos), 9
	if !c.nano {
		n, digits = n/1000, 6
	}
	at := len(dst) + 1
	dst = append(dst, ".000000000"[:digits+1]...)
	for i := at + digits - 1; n > 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}
