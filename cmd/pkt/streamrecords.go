package main

import (
	"encoding/base64"
	"unicode/utf8"

	"pkt/content"
	"pkt/field"
	"pkt/flow"
	"pkt/output"
	"pkt/packet"
	"pkt/reassembly"
)

func appendMarker(n int64) []byte { return content.AppendMarker(nil, n) }

// chunk is a row of the records of streams: bytes that a side has sent, or a gap.
type chunk struct {
	id       uint64
	server   bool
	src, dst string
	off      int64
	nanos    int64
	data     []byte
	gap      int64
	binary   bool // data is in base64
}

// chunkEntries are the fields of streams.
func chunkEntries() []field.Entry[[]chunk] {
	fixed := func(name, doc string, kind field.Kind, unit field.Unit, read func(*chunk) (uint64, bool)) field.Entry[[]chunk] {
		return field.Entry[[]chunk]{
			Field: field.Field{Name: name, Doc: doc, Kind: kind, Unit: unit},
			Col: func(rows []chunk, in packet.Set, dst *field.Vector) (has packet.Set) {
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					if v, ok := read(&rows[i]); ok {
						dst.Cells[i].Lo = v
						has.Add(i)
					}
				}
				return has
			},
		}
	}
	text := func(name, doc string, read func(c *chunk, dst []byte) []byte) field.Entry[[]chunk] {
		return field.Entry[[]chunk]{
			Field: field.Field{Name: name, Doc: doc, Kind: field.String},
			Col: func(rows []chunk, in packet.Set, dst *field.Vector) (has packet.Set) {
				dst.Text = dst.Text[:0]
				for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
					from := len(dst.Text)
					dst.Text = read(&rows[i], dst.Text)
					if n := len(dst.Text) - from; n > 0 {
						dst.Cells[i].Lo = uint64(from)<<32 | uint64(n)
						has.Add(i)
					}
				}
				return has
			},
		}
	}
	dir := fixed("dir", "who has sent it", field.Enum, field.NoUnit, func(c *chunk) (uint64, bool) { return field.FromBool(c.server).Lo, true })
	dir.Names = sideNames
	encoding := fixed("encoding", "what data is: text, or bytes in base64 (RFC 4648) where they are no text", field.Enum, field.NoUnit,
		func(c *chunk) (uint64, bool) { return field.FromBool(c.binary).Lo, len(c.data) > 0 })
	encoding.Names = []string{"utf-8", "base64"}
	return []field.Entry[[]chunk]{
		fixed("flow_id", "number that stands for the flow", field.ID, field.NoUnit, func(c *chunk) (uint64, bool) { return c.id, true }),
		dir,
		text("src", "sender: address and port", func(c *chunk, dst []byte) []byte { return append(dst, c.src...) }),
		text("dst", "receiver: address and port", func(c *chunk, dst []byte) []byte { return append(dst, c.dst...) }),
		fixed("offset", "where it begins in what the side has sent", field.Uint, field.Bytes, func(c *chunk) (uint64, bool) { return uint64(c.off), true }),
		fixed("len", "how long it is; 0 for a gap", field.Uint, field.Bytes, func(c *chunk) (uint64, bool) { return uint64(len(c.data)), true }),
		fixed("ts", "when it was complete", field.Time, field.NoUnit, func(c *chunk) (uint64, bool) { return uint64(c.nanos), true }),
		text("data", "the content", func(c *chunk, dst []byte) []byte {
			if c.binary {
				return base64.StdEncoding.AppendEncode(dst, c.data)
			}
			return append(dst, c.data...)
		}),
		encoding,
		fixed("gap_bytes", "bytes that were never captured, from offset on", field.Uint, field.Bytes, func(c *chunk) (uint64, bool) { return uint64(c.gap), c.gap > 0 }),
	}
}

// streamRecord describes the records of streams.
func streamRecord() output.Record {
	return output.Record{Type: "stream", Columns: output.Columns(chunkEntries())}
}

// recordTeller prints what flows say as records. It is a content.Teller.
type recordTeller struct {
	choice *streamChoice
	rows   *output.Rows[[]chunk]
	w      output.Writer
	row    flow.Row
	ends   [2][2]string // of each side: sender and receiver
	one    [1]chunk
	err    error
}

func newRecordTeller(out *output.Printer, choice *streamChoice) (*recordTeller, error) {
	entries := chunkEntries()
	w, err := out.Records(streamRecord())
	return &recordTeller{choice: choice, rows: output.NewRows(entries), w: w}, err
}

// Flow implements content.Teller.
func (t *recordTeller) Flow(_ *reassembly.Stream, row *flow.Row, _, _ bool) {
	t.row = *row
	for side := range uint8(2) {
		src, dst := sender(row, side)
		t.ends[side] = [2]string{src.String(), dst.String()}
	}
}

// Turn implements content.Teller.
func (t *recordTeller) Turn(_ *reassembly.Stream, side uint8, off, nanos int64, b []byte) {
	t.write(side, chunk{off: off, nanos: nanos, data: b, binary: !utf8.Valid(b)})
}

// Missing implements content.Teller.
func (t *recordTeller) Missing(_ *reassembly.Stream, side uint8, off, n, nanos int64) {
	t.write(side, chunk{off: off, nanos: nanos, gap: n})
}

func (t *recordTeller) write(side uint8, c chunk) {
	if t.err != nil || !t.choice.takes(&t.row, side) {
		return
	}
	c.id, c.server = t.row.ID, isServer(&t.row, side)
	c.src, c.dst = t.ends[side][0], t.ends[side][1]
	t.one[0] = c
	t.err = t.rows.Write(t.one[:], packet.FirstN(1), t.w)
}
