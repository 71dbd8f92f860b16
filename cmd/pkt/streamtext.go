package main

import (
	"fmt"
	"strings"

	"pkt/flow"
	"pkt/names"
	"pkt/output"
	"pkt/reassembly"
)

// talkTeller prints what flows say for people. It is a content.Teller.
type talkTeller struct {
	talk   *output.Talk
	opt    output.Options
	choice *streamChoice
	row    flow.Row
	whole  bool // turns come as wholes
	flows  uint64
	last   struct { // the turn that was printed last
		server, valid bool
		next          int64
	}
}

// Flow implements content.Teller.
func (t *talkTeller) Flow(_ *reassembly.Stream, row *flow.Row, over, again bool) {
	t.row = *row
	t.last.valid = false
	t.whole = over
	src, dst := row.Endpoints()
	words := []string{"flow " + flowID(row.ID), names.Protocol(row.Proto)}
	if s := names.Service(row.Proto, row.ServicePort); s != "" && row.PortVia != flow.PortNone {
		words = append(words, s)
	}
	if over {
		words = append(words,
			string(output.AppendDuration(nil, row.End-row.Start, t.opt.ASCII)),
			string(output.AppendSize(append(output.AppendSize(nil, float64(row.SrcSent.Payload), t.opt.Size), " sent, "...), float64(row.DstSent.Payload), t.opt.Size))+" received",
		)
	}
	if again {
		words = append(words, "goes on")
	} else {
		t.flows++
	}
	t.talk.Flow(src.String()+" → "+dst.String(), strings.Join(words, " · "))
}

// Turn implements content.Teller.
func (t *talkTeller) Turn(_ *reassembly.Stream, side uint8, off, nanos int64, b []byte) {
	if !t.choice.takes(&t.row, side) {
		return
	}
	server := isServer(&t.row, side)
	if !t.last.valid || t.last.server != server || t.last.next != off {
		size := int64(-1)
		if t.whole {
			size = int64(len(b))
		}
		t.talk.Turn(server, nanos, size)
	}
	t.talk.Bytes(server, off, b)
	t.last.server, t.last.valid, t.last.next = server, true, off+int64(len(b))
}

// Missing implements content.Teller.
func (t *talkTeller) Missing(_ *reassembly.Stream, side uint8, _, n, _ int64) {
	if t.choice.takes(&t.row, side) {
		t.talk.Missing(isServer(&t.row, side), n)
		t.last.valid = false
	}
}

// rawTeller writes what flows say as it is. It is a content.Teller.
type rawTeller struct {
	out     *rawWriter
	choice  *streamChoice
	row     flow.Row
	gaps    string
	maxGap  int64
	leftOut uint64 // gaps that were too long for zeros
	broken  map[rawSide]struct{}
	problem error
}

// rawSide names a side of a flow.
type rawSide struct {
	id   uint64
	side uint8
}

// rawWriter gathers bytes; its first error stays.
type rawWriter struct {
	env *environment
	buf []byte
	err error
}

func (w *rawWriter) write(b []byte) {
	if w.buf = append(w.buf, b...); len(w.buf) >= 64<<10 {
		w.flush()
	}
}

func (w *rawWriter) flush() {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.env.stdout.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

// Flow implements content.Teller.
func (t *rawTeller) Flow(_ *reassembly.Stream, row *flow.Row, _, _ bool) { t.row = *row }

// Turn implements content.Teller.
func (t *rawTeller) Turn(_ *reassembly.Stream, side uint8, _, _ int64, b []byte) {
	if !t.choice.takes(&t.row, side) || t.isBroken(side) {
		return
	}
	t.out.write(b)
}

func (t *rawTeller) isBroken(side uint8) bool {
	if len(t.broken) == 0 {
		return false
	}
	_, ok := t.broken[rawSide{t.row.ID, side}]
	return ok
}

// Missing implements content.Teller.
func (t *rawTeller) Missing(_ *reassembly.Stream, side uint8, off, n, _ int64) {
	if !t.choice.takes(&t.row, side) || t.isBroken(side) {
		return
	}
	switch t.gaps {
	case "skip":
	case "marker":
		t.out.write(appendMarker(n))
	case "fail":
		t.broken[rawSide{t.row.ID, side}] = struct{}{}
		if t.problem == nil {
			from, to := sender(&t.row, side)
			t.problem = fmt.Errorf("%d bytes are missing at offset %d of %v to %v, flow %s (--gaps=fail)", n, off, from, to, flowID(t.row.ID))
		}
	default:
		if n > t.maxGap {
			t.leftOut++
			return
		}
		var zeros [4096]byte
		for ; n > 0 && t.out.err == nil; n -= min(n, int64(len(zeros))) {
			t.out.write(zeros[:min(n, int64(len(zeros)))])
		}
	}
}
