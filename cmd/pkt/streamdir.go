package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"pkt/content"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
	"pkt/reassembly"
)

// Limits of what is held back where late bytes can still be put into their files.
const (
	patchHalf = 256 << 10
	patchHeld = 16 << 20
)

// toDir writes streams to the files of a folder.
func (f *streamFlags) toDir(cmd *cobra.Command, s *session, cfg reassembly.Config) error {
	name, err := content.ParseTemplate(f.name)
	if err != nil {
		s.source.Close()
		return usageError{err}
	}
	who := &streamNames{flows: s.meter.Flows()}
	dir, err := content.OpenDir(f.dir, content.DirConfig{
		Name:     name,
		Gaps:     content.Gaps(slices.Index(content.GapNames, f.gaps)),
		MaxGap:   int64(f.maxGap),
		Describe: who.about,
	})
	if err != nil {
		s.source.Close()
		return err
	}
	var to reassembly.Consumer = dir
	switch {
	case f.gaps != "zero":
		to = inOrder{dir}
	case cfg.Overlap == reassembly.First:
		cfg.HalfBytes, cfg.Held = patchHalf, patchHeld
	}
	a := reassembly.New(cfg, s.meter.Flows(), to)
	s.meter.Add(a)
	s.meter.Add(&dirWatch{session: s, dir: dir})
	err = s.run(cmd.Context(), func() error { return nil })
	if e := dir.Close(); err == nil {
		err = e
	}
	return s.end(err)
}

// inOrder hides that a folder can go back: gaps that are not written out leave no
// room for late bytes.
type inOrder struct{ content.Ordered }

// dirWatch is a meter.Tap that ends a run when nothing can be written any more.
type dirWatch struct {
	session *session
	dir     *content.Dir
}

// Batch implements meter.Tap.
func (w *dirWatch) Batch(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs) {
	if w.dir.Err() != nil {
		w.session.meter.Stop()
	}
}

// Ended implements meter.Tap.
func (w *dirWatch) Ended([]flow.Row) {}

// streamNames tells who is at the ends of streams.
type streamNames struct{ flows *flow.Table }

// about returns what is known of a side's stream.
func (n *streamNames) about(s *reassembly.Stream, side uint8) content.About {
	var row flow.Row
	n.flows.Row(s.Handle, &row)
	a := content.About{Proto: "tcp", Side: "client", FlowID: fmt.Sprintf("%016x", row.ID), Start: time.Unix(0, row.Start)}
	if row.Proto == 17 {
		a.Proto = "udp"
	}
	if row.HasVLAN {
		a.VLAN = strconv.Itoa(int(row.VLAN))
	}
	src, dst := row.Endpoints()
	if (side == 1) != row.SrcHigh {
		a.Side = "server"
		src, dst = dst, src
	}
	a.Src, a.Dst = src, dst
	return a
}
