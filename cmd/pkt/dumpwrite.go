package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"pkt/capture/pcapfile"
	"pkt/flow"
	"pkt/fragment"
	"pkt/output"
	"pkt/packet"
	"pkt/process"
)

// flushEvery is how often what was written is made readable for others while
// the input goes on.
const flushEvery = time.Second

// packetWriter is a meter.Tap that writes packets to capture files.
type packetWriter struct {
	session *session
	sink    *pcapfile.Rotator
	lost    uint64 // on interfaces, as notes have said
	err     error
	flushed time.Time // when the file was
	owners  *ownerNotes

	turn           atomic.Bool  // SIGHUP: go on in another file
	packets, bytes atomic.Int64 // written
}

// rewrite writes the packets of the session to the file of -w.
func (d *dumpFlags) rewrite(ctx context.Context, s *session) error {
	commands := newPostrotate(s.env, d.rotate.command)
	sink, err := d.sink(s, commands)
	if err != nil {
		s.source.Close()
		return err
	}
	w := &packetWriter{session: s, sink: sink, flushed: time.Now()}
	if s.owners.watcher != nil && (s.owners.flags.packets || s.owners.flags.own && strings.Contains(d.write, ".pcapng")) {
		w.owners = &ownerNotes{table: s.owners.table, texts: map[process.ID]comment{}}
	}
	s.meter.AddRaw(w)
	s.light = s.filter != nil && s.ahead == nil
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.turns = d.write != stdoutName
	s.counters = func() { w.counters(d.write) }
	stopTurn := func() {}
	if d.write != stdoutName {
		stopTurn = w.onTurn(cancel)
	}
	err = s.run(ctx, w.finish)
	stopTurn()
	var usage usageError
	if errors.As(err, &usage) {
		sink.Discard()
	}
	if r := &d.rotate; errors.Is(w.err, pcapfile.ErrEnough) && (r.limit.n == 0 || sink.Size() < r.limit.n) {
		s.note("so many files are written as -W %d asks for", r.files)
	}
	if e := commands.wait(); err == nil {
		err = e
	}
	return s.end(err)
}

// onTurn lets SIGHUP turn to another file; and end the run when it says that the
// terminal has hung up.
func (w *packetWriter) onTurn(end func()) (stop func()) {
	had := hasTerminal()
	return onSignal(signalTurn, func() {
		if had && !hasTerminal() {
			end()
			return
		}
		w.turn.Store(true)
	})
}

// counters says on stderr how far the run has come.
func (w *packetWriter) counters(path string) {
	c := w.session.source.Stats()
	packets, bytes := w.packets.Load(), w.bytes.Load()
	var text []byte
	text = append(output.AppendCount(text, c.Packets.Load()), " packets captured, "...)
	text = append(output.AppendCount(text, uint64(packets)), " written to "...)
	text = append(append(text, path...), ", "...)
	text = output.AppendSize(text, float64(bytes), output.SI)
	fmt.Fprintf(w.session.env.stderr, "pkt: %s\n", output.Safe(string(text)))
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
	if w.owners != nil {
		notes := b.Notes
		b.Notes = w.owners.annotate(b, in)
		defer func() { b.Notes = notes }()
	}
	if w.err = w.write(b, in); w.err != nil {
		w.session.meter.Stop()
	}
	w.packets.Add(int64(in.Len()))
	w.bytes.Store(w.sink.Size())
}

// write writes a batch, after what is due before it.
func (w *packetWriter) write(b *packet.Batch, in packet.Set) error {
	if w.turn.Load() && w.turn.Swap(false) {
		if err := w.sink.Turn(); err != nil {
			return err
		}
	}
	if err := w.sink.Write(b, in); err != nil {
		return err
	}
	if now := time.Now(); now.Sub(w.flushed) >= flushEvery {
		w.flushed = now
		return w.sink.Flush()
	}
	return nil
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
	lost := w.session.source.Stats().IfaceDrops.Load()
	if lost > w.lost && !w.session.flags.partial() && !w.session.source.Live() { // which the file ends with anyway
		last.Notes = []packet.Note{{Kind: packet.NoteIfaceDrop, Count: lost - w.lost}}
	}
	if err := w.sink.Write(&last, packet.Set{}); err != nil {
		return errors.Join(err, w.sink.Close())
	}
	return w.sink.Close()
}

// partial reports whether the run may end before its captures do.
func (s *sourceFlags) partial() bool { return s.count > 0 || s.captured > 0 || s.duration > 0 }
