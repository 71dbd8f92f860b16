package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pkt/capture/pcapfile"
	"pkt/output/line"
)

// dumpFlags are the flags that only dump has, under tcpdump's letters.
type dumpFlags struct {
	write     string
	snapLen   uint32
	flush     bool
	number    bool
	stamps    int // how often -t was given
	precision string
	summary   bool
	command   []string // to run, and to capture the packets of
	rotate    rotateFlags
	lines     lineFlags
	list      bool // -D: interfaces
	links     bool // -L: link types
}

func newDump(env *environment) *cobra.Command {
	var src sourceFlags
	var show displayFlags
	var dump dumpFlags
	cmd := &cobra.Command{
		Use:   "dump [-i IFACE | -r FILE] [pcap-filter] [-- COMMAND]",
		Short: "Print packets, or write them as pcap or pcapng",
		Long: "dump prints packets in the words of tcpdump and with its letters, one line each, as a table (-o table,\n" +
			"or with --fields) or as records. Names of hosts are never looked up, and text from the network is\n" +
			"escaped.\n\n" +
			"With -w it writes them to another capture file and prints nothing. The name of that file says its\n" +
			"format: .pcap or .pcapng, and .gz or .zst behind it for a compressed one. Under any other name it is\n" +
			"pcap, or pcapng where the capture has several link types.\n\n" +
			"With -C or -G the capture goes on in another file when one is large or old enough. A file is called\n" +
			"NAME.part until it is complete. SIGHUP goes on in another file too, SIGUSR1 prints counters.",
		Example: "  pkt dump -i eth0 tcp port 443\n" +
			"  pkt dump -nnvvXi eth0 -c10 tcp port 80\n" +
			"  pkt dump -i any -w dump.pcapng\n" +
			"  pkt dump -r dump.pcap -c 10 tcp port 443\n" +
			"  pkt dump -r dump.pcap -o json --fields ts,src_ip,dst_ip,tcp.flags_text | jq length\n" +
			"  pkt dump -r dump.pcap -w slow.pcap --where 'flow.tcp.rtt_s > 200ms'\n" +
			"  pkt dump -r 'ring-*.pcap' -w https.pcapng.zst tcp port 443\n" +
			"  pkt dump -r dump.pcapng -w - udp | pkt flows -r -\n" +
			"  pkt dump -i any --process -w owned.pcapng\n" +
			"  pkt dump -i any port 53 -- curl https://example.org\n" +
			"  pkt dump -r big.pcap -w part.pcap -C 100\n" +
			"  pkt dump -r big.pcap -w 'hour-%H.pcap.zst' -G 3600",
		RunE: func(cmd *cobra.Command, words []string) error {
			if err := dump.check(env); err != nil {
				return err
			}
			switch {
			case dump.list:
				return printInterfaces(env.stdout)
			case dump.links:
				return src.live.printLinks(env.stdout)
			}
			src.live.snapLen = dump.snapLen
			if at := cmd.ArgsLenAtDash(); at >= 0 && at < len(words) {
				words, dump.command = words[:at], words[at:]
			}
			src.owner.own = len(dump.command) > 0
			if err := dump.checkOwners(&src); err != nil {
				return err
			}
			if dump.lines.program > 0 {
				return dump.printProgram(env, &src, words)
			}
			if dump.write == "" {
				src.captured = uint64(dump.rotate.limit.n)
				src.marks = dump.needMarks(&show)
			}
			s, err := src.open(env, words, false)
			if err != nil {
				return err
			}
			s.packets = true
			s.command, s.quiet = dump.command, dump.write != "" && dump.write != stdoutName
			if dump.write != "" {
				return dump.rewrite(cmd.Context(), s)
			}
			return dump.print(cmd.Context(), s, &show)
		},
	}
	src.register(cmd.Flags())
	src.live.register(cmd.Flags(), true)
	src.registerWhere(cmd.Flags())
	cmd.Flags().BoolVar(&src.owner.packets, "process", false, "find the owner of each packet: shown in lines and tables, and kept by -w in pcapng")
	src.registerFlow(cmd.Flags())
	show.register(cmd.Flags(), dumpFormats...)
	show.registerColumns(cmd.Flags())
	dump.register(cmd.Flags())
	complete(cmd, packetFields)
	completeWords(cmd, "time-stamp-precision", "micro", "nano")
	return cmd
}

func (d *dumpFlags) register(fs *pflag.FlagSet) {
	fs.StringVarP(&d.write, "write", "w", "", "write the packets to `FILE` instead of printing them; - is stdout")
	fs.Uint32VarP(&d.snapLen, "snapshot-length", "s", 0, "write at most `N` bytes of each packet; 0: all that was captured")
	fs.BoolVarP(&d.flush, "packet-buffered", "U", false, "hand packets on as soon as they are read")
	fs.BoolVarP(&d.number, "number", "#", false, "print the number of each packet at the start of its line")
	fs.CountVarP(&d.stamps, "timestamps", "t", "in text and tables: -t no time, -tt seconds since 1970, -ttt since the line before, -tttt with the date, -ttttt since the first line")
	fs.StringVar(&d.precision, "time-stamp-precision", "", "write times in `UNIT`s: micro or nano; as finely as the capture has them if not given")
	fs.BoolVarP(&d.list, "list-interfaces", "D", false, "list the interfaces there are, and end")
	fs.BoolVarP(&d.links, "list-data-link-types", "L", false, "list the link types that -y takes for the interface, and end")
	d.rotate.register(fs)
	d.lines.register(fs)
	fs.BoolVar(&d.summary, "summary", false, "print a summary as the last record of json and ndjson")
}

// check refuses what no run can do.
func (d *dumpFlags) check(env *environment) error {
	if err := d.rotate.check(d.write); err != nil {
		return err
	}
	if d.write == "-" && env.outWidth > 0 {
		return usagef("-w -: a capture is not written to a terminal")
	}
	if d.stamps > line.LastStamp {
		return usagef("-t is given %d times: %d at most", d.stamps, line.LastStamp)
	}
	if d.precision != "" {
		return oneOf("time-stamp-precision", d.precision, "micro", "nano")
	}
	return nil
}

// sink opens what the packets are written to.
func (d *dumpFlags) sink(s *session, commands *postrotate) (*pcapfile.Rotator, error) {
	opt := pcapfile.WriteOptions{SnapLen: d.snapLen, Unbuffered: d.flush, Application: "pkt " + buildVersion()}
	switch d.precision {
	case "micro":
		opt.Resolution = pcapfile.Microseconds
	case "nano":
		opt.Resolution = pcapfile.Nanoseconds
	}
	if s.source.Live() {
		c := s.source.Stats()
		opt.Counters = func() pcapfile.Counters {
			return pcapfile.Counters{Received: c.Received.Load(), Dropped: c.KernelDrops.Load() + c.IfaceDrops.Load()}
		}
	}
	return pcapfile.NewRotator(d.write, opt, d.rotation(s, commands))
}
