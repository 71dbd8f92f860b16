package main

import (
	"cmp"
	"slices"
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
	maxGap    byteCount
	maxStream byteCount
	cfg       reassembly.Config
}

func (f *streamFlags) register(fs *pflag.FlagSet) {
	f.maxGap = byteCount{n: content.DefaultMaxGap, text: "64MiB", units: sizeUnits}
	f.maxStream.units = sizeUnits
	fs.StringVar(&f.dir, "dir", "", "write each side of each flow to a file of its own in `FOLDER`, with an "+content.IndexName)
	fs.StringVar(&f.name, "name", content.DefaultName, "`TEMPLATE` of the files' names, with "+strings.Join(content.NameFields, ", ")+" in braces and / for folders; src is who sent the content")
	fs.BoolVar(&f.body, "body", false, "with --dir: write the bodies of HTTP/1 messages to files too, without chunks, gzip, deflate and zstd")
	fs.StringVar(&f.flow, "flow", "", "only the flow with this `ID`: flow_id of pkt flows")
	fs.StringVar(&f.side, "side", "both", "only what one side has sent: client, server or both")
	fs.StringVar(&f.proto, "proto", "tcp", "flows of which protocol: tcp, udp or all; datagrams count in the order of the capture")
	fs.StringVar(&f.gaps, "gaps", "zero", "what stands for bytes that were not captured: zero, skip, marker or fail")
	fs.Var(&f.maxGap, "max-gap", "longest gap, a `SIZE`, that is written as zeros; longer ones are left out")
	fs.StringVar(&f.overlap, "overlap", "first", "which of two copies counts that differ: first, last, bsd, windows, linux or solaris")
	fs.StringVar(&f.checksum, "checksum", "auto", "drop segments with wrong checksums: auto (but for hosts that leave them to the network card), off or strict")
	fs.StringVar(&f.urgent, "urgent", "inline", "urgent bytes of TCP: inline or oob (left out)")
	fs.Var(&f.maxStream, "max-stream", "end each side of a flow after this `SIZE`, such as 1MB; all of it if not given")
	fs.BoolVarP(&f.hex, "hex", "x", false, "show bytes in hexadecimal and ASCII")
	fs.StringVar(&f.grep, "grep", "", "print what matches `REGEX` with what stands around it, wherever segments end; with --dir, -o raw or records: the flows that match")
	fs.IntVar(&f.context, "context", 60, "with --grep: show `N` bytes on both sides of a match, up to the end of its line")
	fs.StringVarP(&f.where, "where", "Y", "", "only flows for which `EXPR` is true in the end, such as 'bytes > 1MB && service == \"http\"'")
}

// config returns how streams are put together.
func (f *streamFlags) config() (cfg reassembly.Config, err error) {
	cfg.Overlap = reassembly.Policy(max(0, slices.Index(reassembly.PolicyNames, f.overlap)))
	cfg.Checksum = reassembly.Checksum(max(0, slices.Index(reassembly.ChecksumNames, f.checksum)))
	err = cmp.Or(
		oneOf("overlap", f.overlap, reassembly.PolicyNames...),
		oneOf("checksum", f.checksum, reassembly.ChecksumNames...),
		oneOf("urgent", f.urgent, "inline", "oob"),
		oneOf("side", f.side, "client", "server", "both"),
		oneOf("proto", f.proto, "tcp", "udp", "all"),
		oneOf("gaps", f.gaps, content.GapNames...),
	)
	cfg.TCP, cfg.UDP = f.proto != "udp", f.proto != "tcp"
	cfg.UrgentOOB = f.urgent == "oob"
	cfg.MaxStream = f.maxStream.n
	return cfg, err
}

func newStreams(env *environment) *cobra.Command {
	var src sourceFlags
	var show displayFlags
	var stream streamFlags
	cmd := &cobra.Command{
		Use:   "streams [-i IFACE | -r FILE] [pcap-filter]",
		Short: "The content of flows, byte for byte",
		Long: "streams puts the segments of TCP connections in order and shows what both sides have sent: in turn and\n" +
			"coloured on a terminal (-x in hexadecimal), as it is (-o raw), as records, or written to files, one for each\n" +
			"flow and direction, with an index (--dir). Nothing is guessed: bytes that were not captured are gaps,\n" +
			"bytes that came twice and differed are conflicts, and both are told.",
		Example: "  pkt streams -r dump.pcap tcp port 80\n" +
			"  pkt streams -r dump.pcap --dir out && jq -r '.[] | [.file, .bytes] | @tsv' out/index.json\n" +
			"  pkt streams -r dump.pcap --dir out --body\n" +
			"  pkt streams -r dump.pcap --grep '(?i)password=[^&]*'\n" +
			"  pkt streams -r dump.pcap --flow 5b5d0e5f03c1a4c2 --side server -o raw > file",
		RunE: func(cmd *cobra.Command, words []string) error { return stream.run(cmd, env, &src, &show, words) },
	}
	src.register(cmd.Flags())
	src.live.register(cmd.Flags(), false)
	src.registerTable(cmd.Flags())
	cmd.Flags().Lookup("idle").Usage += " (a file's: 1h, so that a connection that paused is one stream, unless --flow is given)"
	show.register(cmd.Flags(), "text", "raw", "json", "ndjson")
	show.registerSizes(cmd.Flags())
	stream.register(cmd.Flags())
	stream.complete(cmd)
	return cmd
}
