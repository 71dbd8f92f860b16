package main

import (
	"context"
	"errors"

	"pkt/capture/pcapfile"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
)

// packetWriter is a meter.Tap that writes packets to a capture file.
type packetWriter struct {
	session *session
	sink    *pcapfile.Writer
	lost    uint64 // on interfaces, as notes have said
	err     error
}

// rewrite writes the packets of the session to the file of -w.
func (d *dumpFlags) rewrite(ctx context.Context, s *session) error {
	sink, err := d.sink(s)
	if err != nil {
		s.source.Close()
		return err
	}
	w := &packetWriter{session: s, sink: sink}
	s.meter.AddRaw(w)
	s.light = s.filter != nil
	err = s.run(ctx, w.finish)
	var usage usageError
	if errors.As(err, &usage) {
		sink.Discard()
	}
	return s.end(err)
}

// Batch implements meter.Tap.
func (w *packetWriter) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	if w.err != nil {
		return
	}
	for i := range b.Notes {
		if n := &b.Notes[i]; n.Kind == packet.NoteIfaceDrop {
			w.lost += n.Count
		}
	}
	if w.err = w.sink.Write(b, in); w.err != nil {
		w.session.meter.Stop()
	}
}

// Ended implements meter.Tap.
func (w *packetWriter) Ended([]flow.Row) {}

// finish completes the file. Of a capture without packets it tells the
// interfaces; and of one that was read to its end, the losses that interfaces
// have counted behind the last packet.
func (w *packetWriter) finish() error {
	if w.err != nil {
		return w.sink.Close()
	}
	last := packet.Batch{Ifaces: w.session.source.Ifaces()}
	if lost := w.session.source.Stats().IfaceDrops.Load(); lost > w.lost && !w.session.flags.partial() {
		last.Notes = []packet.Note{{Kind: packet.NoteIfaceDrop, Count: lost - w.lost}}
	}
	if err := w.sink.Write(&last, packet.Set{}); err != nil {
		return errors.Join(err, w.sink.Close())
	}
	return w.sink.Close()
}

// partial reports whether the run may end before its captures do.
func (s *sourceFlags) partial() bool { return s.count > 0 || s.duration > 0 }
