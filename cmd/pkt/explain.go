package main

import (
	"context"
	"fmt"
	"io"
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
			where, err := newPacketWhere(text)
			if err != nil {
				return err
			}
			if read == "" {
				_, err = env.stdout.Write(where.predicate.AppendExplain(nil, opt.Link, false))
				return err
			}
			return where.explain(cmd.Context(), env.stdout, read)
		},
	}
	cmd.Flags().StringVarP(&read, "read", "r", "", "count what each part drops of this capture `FILE`")
	cmd.Flags().StringVarP(&link, "linktype", "y", "EN10MB", "link type of the program, by `NAME` or number")
	return cmd
}

// linkTap remembers the link type of the first packet.
type linkTap struct {
	link  uint16
	known bool
}

// Batch implements meter.Tap.
func (t *linkTap) Batch(b *packet.Batch, _ packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	if !t.known && b.N > 0 {
		t.link, t.known = b.Records[0].Link, true
	}
}

// Ended implements meter.Tap.
func (t *linkTap) Ended([]flow.Row) {}

// explain runs the expression over a capture and prints what its parts did.
func (w *packetWhere) explain(ctx context.Context, out io.Writer, file string) error {
	src, err := pcapfile.Open([]string{file}, pcapfile.Options{})
	if err != nil {
		return err
	}
	defer src.Close()
	var cfg meter.Config
	w.apply(&cfg)
	m, tap := meter.New(cfg), &linkTap{link: linkEthernet}
	m.Add(tap)
	if err := engine.Run(ctx, src, m, false); err != nil {
		return err
	}
	text := w.predicate.AppendExplain(nil, tap.link, true)
	_, err = fmt.Fprintf(out, "%sbefore decoding, %d of %d packets were let through\n", text, w.early.Out, w.early.In)
	return err
}
