package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pkt/content"
	"pkt/reassembly"
)

// streamFlags are the flags that only streams has.
type streamFlags struct {
	dir       string
	name      string
	body      bool
	hex       bool
	grep      string
	context   int
	flow      string
	side      string
	proto     string
	where     string
	gaps      string
	overlap   string
	checksum  string
	urgent    string
	maxGap    sizeFlag
	maxStream sizeFlag
	summary   bool
}

func (f *streamFlags) register(fs *pflag.FlagSet) {
	f.maxGap = content.DefaultMaxGap
	fs.StringVar(&f.dir, "dir", "", "write each side of each flow to a file of its own in `FOLDER`, with an "+content.IndexName)
	fs.StringVar(&f.name, "name", content.DefaultName, "`TEMPLATE` of the files' names, with "+strings.Join(content.NameFields, ", ")+" in braces and / for folders; src is who sent the content")
	fs.StringVar(&f.flow, "flow", "", "only the flow with this `ID`: flow_id of pkt flows")
	fs.StringVar(&f.side, "side", "both", "only what one side has sent: client, server or both")
	fs.StringVar(&f.proto, "proto", "tcp", "flows of which protocol: tcp, udp or all; datagrams count in the order of the capture")
	fs.StringVar(&f.gaps, "gaps", "zero", "what stands for bytes that were not captured: zero, skip, marker or fail")
	fs.Var(&f.maxGap, "max-gap", "longest gap in `BYTES` that is written as zeros; longer ones are left out")
	fs.StringVar(&f.overlap, "overlap", "first", "which of two copies counts that differ: first, last, bsd, windows, linux or solaris")
	fs.StringVar(&f.checksum, "checksum", "auto", "drop segments with wrong checksums: auto (but for hosts that leave them to the network card), off or strict")
	fs.StringVar(&f.urgent, "urgent", "inline", "urgent bytes of TCP: inline or oob (left out)")
	fs.Var(&f.maxStream, "max-stream", "end each side of a flow after `BYTES`; 0: never")
}

// config returns how streams are put together.
func (f *streamFlags) config() (cfg reassembly.Config, err error) {
	if cfg.Overlap, err = reassembly.ParsePolicy(f.overlap); err != nil {
		return cfg, oneOf("overlap", f.overlap, reassembly.PolicyNames...)
	}
	for i, name := range reassembly.ChecksumNames {
		if name == f.checksum {
			cfg.Checksum = reassembly.Checksum(i)
		}
	}
	err = errors.Join(
		oneOf("checksum", f.checksum, reassembly.ChecksumNames...),
		oneOf("urgent", f.urgent, "inline", "oob"),
		oneOf("side", f.side, "client", "server", "both"),
		oneOf("proto", f.proto, "tcp", "udp", "all"),
		oneOf("gaps", f.gaps, content.GapNames...),
	)
	cfg.TCP, cfg.UDP = f.proto != "udp", f.proto != "tcp"
	cfg.UrgentOOB = f.urgent == "oob"
	cfg.MaxStream = int64(f.maxStream)
	return cfg, err
}

func newStreams(env *environment) *cobra.Command {
	var src sourceFlags
	var stream streamFlags
	cmd := &cobra.Command{
		Use:   "streams -r FILE [pcap-filter]",
		Short: "The content of flows, byte for byte",
		RunE: func(cmd *cobra.Command, words []string) error {
			cfg, err := stream.config()
			if err != nil {
				return err
			}
			s, err := src.open(env, words, true)
			if err != nil {
				return err
			}
			return stream.toDir(cmd, s, cfg)
		},
	}
	src.register(cmd.Flags())
	src.registerTable(cmd.Flags())
	stream.register(cmd.Flags())
	return cmd
}

// sizeFlag is a number of bytes, with or without a unit.
type sizeFlag int64

func (s *sizeFlag) String() string { return strconv.FormatInt(int64(*s), 10) }
func (s *sizeFlag) Type() string   { return "bytes" }

// sizeUnits are the units of sizes, longest first.
var sizeUnits = []struct {
	name string
	size int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30},
	{"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"B", 1}, {"", 1},
}

// Set implements pflag.Value.
func (s *sizeFlag) Set(text string) error {
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > 1<<62/u.size {
			break
		}
		*s = sizeFlag(n * u.size)
		return nil
	}
	return fmt.Errorf("%q is no number of bytes, such as 1500, 64KiB or 1GB", text)
}
