package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pkt/capture/pcapfile"
	"pkt/engine"
	"pkt/flow"
	"pkt/fragment"
	"pkt/meter"
	"pkt/packet"
)

// newExplain says how an expression is computed.
func newExplain(env *environment) *cobra.Command {
	var read, link string
	cmd := &cobra.Command{
		Use:   "explain [-r FILE] EXPR",
		Short: "Say how an expression over packets is computed",
		Long: "explain prints what of an expression runs before packets are decoded, as a pcap-filter and its program,\n" +
			"and for each of its parts whether it is a kernel over whole batches or runs on expr's VM. With -r it\n" +
			"counts how many packets of a capture each part was asked about and let through.",
		Example: "  pkt filter explain 'dst_port == 443 && len > 1kB'\n  pkt filter explain -r dump.pcap 'tcp.flags.syn && !tcp.flags.ack'",
		RunE: func(cmd *cobra.Command, words []string) error {
			text := strings.Join(words, " ")
			if text == "" {
				return usagef("no expression\nsee pkt filter explain --help")
			}
			f := filterFlags{link: link}
			opt, err := f.options()
			if err != nil {
				return err
			}
			where, err := newPacketWhere(text, nil)
			if err != nil {
				return err
			}
			if read == "" {
				_, err = env.stdout.Write(where.append(nil, opt.Link, false))
				return err
			}
			return where.explain(cmd.Context(), env, read)
		},
	}
	cmd.Flags().StringVarP(&read, "read", "r", "", "count what each part drops of this capture `FILE`")
	cmd.Flags().StringVarP(&link, "linktype", "y", "EN10MB", "link type of the program, by `NAME` or number")
	return cmd
}

// linkTap remembers the link type of the first packet, and counts all.
type linkTap struct {
	link    uint16
	known   bool
	packets int
}

// Batch implements meter.Tap.
func (t *linkTap) Batch(b *packet.Batch, _ packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	if !t.known && b.N > 0 {
		t.link, t.known = b.Records[0].Link, true
	}
	t.packets += b.N
}

// Ended implements meter.Tap.
func (t *linkTap) Ended([]flow.Row) {}

// append appends how the expression is computed.
func (w *packetWhere) append(dst []byte, link uint16, counts bool) []byte {
	if w.flows != nil {
		dst = append(dst, "in a first pass, of flows:\n"...)
		dst = w.flows.AppendParts(dst, counts)
		dst = append(dst, "then, of the packets of these flows:\n"...)
	}
	switch {
	case w.mayDrop(needMarks(w.text)):
		dst = w.predicate.AppendEarly(dst, link)
	default:
		dst = append(dst, "before decoding: nothing, for every packet has to reach its flow\n"...)
	}
	if w.predicate != nil {
		dst = w.predicate.AppendParts(dst, counts)
	}
	return dst
}

// explain runs the expression over a capture and prints what its parts did.
func (w *packetWhere) explain(ctx context.Context, env *environment, file string) error {
	s := sourceFlags{read: []string{file}, idle: defaultIdle, maxFlows: defaultMaxFlows, progress: "never"}
	if err := s.twice(w); err != nil {
		return err
	}
	src, err := pcapfile.Open(s.read, pcapfile.Options{})
	if err != nil {
		return err
	}
	defer src.Close()
	var cfg meter.Config
	table := s.flowTable()
	ahead := lookAhead(w, &cfg, &table)
	marks := needMarks(w.text)
	if marks {
		cfg.Where = append([]meter.Filter{meter.NewMarker(table)}, cfg.Where...)
	}
	w.apply(&cfg, marks)
	if err := ahead.run(ctx, env, &s); err != nil {
		return err
	}
	m, tap := meter.New(cfg), &linkTap{link: linkEthernet}
	m.Add(tap)
	if err := engine.Run(ctx, src, m, false); err != nil {
		return err
	}
	text := w.append(nil, tap.link, true)
	if w.mayDrop(marks) {
		text = fmt.Appendf(text, "before decoding, %d of %d packets were let through\n", w.early.Out, w.early.In)
	} else {
		text = fmt.Appendf(text, "in the end, %d of %d packets were let through\n", m.Totals().Packets, tap.packets)
	}
	_, err = env.stdout.Write(text)
	return err
}
