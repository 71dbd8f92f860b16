package main

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pkt/field"
	"pkt/output"
	"pkt/packet"
	"pkt/process"
	"pkt/stats"
)

// topRows is how many rows a table has where --limit does not say.
const topRows = 20

// unlimited is the limit where --limit does not say: that of the format.
const unlimited = -1

// topFlags are the flags that only top has.
type topFlags struct {
	by       []string
	agg      []string
	interval time.Duration
	windows  []time.Duration
	once     bool
	count    int
	local    []string
	groups   int
	failOn   string
}

func newTop(env *environment) *cobra.Command {
	var src sourceFlags
	var show displayFlags
	var rank rankFlags
	var top topFlags
	cmd := &cobra.Command{
		Use:   "top [-i IFACE | -r FILE] [pcap-filter]",
		Short: "Ranking by process, port, host, flow, any field; a full screen when live",
		Long: "top shows live traffic on the whole screen of a terminal; piped, with -o, --once or --count it prints\n" +
			"rankings, and with -r one of a capture.\n" +
			"It adds up traffic by one or more fields and prints the largest groups first, with packets, bytes,\n" +
			"flows, peers and rates. What is not listed is in the row \"other\", so that a table adds up.\n" +
			"--agg adds columns over the packets of a group, or over its flows.\n" +
			"A service port has one row however many clients it has; see port_via in pkt fields.",
		Example: "  sudo pkt top --by process\n" +
			"  sudo pkt top --once --duration 60s --by local_port -o json\n" +
			"  pkt top -r dump.pcap --by port\n" +
			"  pkt top -r dump.pcap --by src_ip,dst_ip --sort -packets\n" +
			"  pkt top -r dump.pcap --by 'net(src_ip,24)' --limit 0 -o csv\n" +
			"  pkt top -r dump.pcap --by 'bucket(len,64)'\n" +
			"  pkt top -r dump.pcap --by port --agg 'avg(flow.bytes), p99(flow.tcp.rtt_s)'\n" +
			"  pkt top -r dump.pcap --by port --interval 60s",
		RunE: func(cmd *cobra.Command, words []string) error {
			if err := rank.check(); err != nil {
				return err
			}
			if !cmd.Flags().Changed("limit") {
				rank.limit = unlimited
			}
			if err := top.check(cmd.Flags(), &src); err != nil {
				return err
			}
			format, opt, err := show.options(env)
			if err != nil {
				return err
			}
			src.marks = needMarks(slices.Concat(top.by, top.agg, []string{src.where})...)
			src.owner.flows = top.byOwner()
			src.owner.offered = top.wantsScreen(env, src.isLive(), cmd.Flags().Changed("output"))
			s, err := src.open(env, words, true)
			if err != nil {
				return err
			}
			p := &topPrinter{session: s, owners: s.owners.table, show: &show, out: output.New(env.stdout, format, opt), text: format.Text()}
			if err := p.configure(&top, &rank); err != nil {
				s.source.Close()
				return err
			}
			if top.wantsScreen(env, s.source.Live(), cmd.Flags().Changed("output")) {
				t := &topScreen{session: s, printer: p, flags: &top, rank: &rank, show: &show}
				return s.end(t.run(cmd.Context(), t.config(opt)))
			}
			if p.coverage != nil {
				s.meter.Add(p.coverage) // first: results of the ranking ask it
			}
			s.meter.Add(p.ranking)
			return s.end(s.run(cmd.Context(), p.finish))
		},
	}
	src.register(cmd.Flags())
	src.live.register(cmd.Flags(), false)
	src.registerWhere(cmd.Flags())
	src.registerFlow(cmd.Flags())
	show.register(cmd.Flags())
	show.registerUnits(cmd.Flags())
	show.registerColumns(cmd.Flags())
	rank.register(cmd.Flags(), "; 20 where a table is printed and nothing is said")
	top.register(cmd)
	complete(cmd, completeTop)
	return cmd
}

func (t *topFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringArrayVar(&t.by, "by", []string{"port"}, "group by these `FIELDS`: port, process, host, 'src_ip, dst_port', 'net(src_ip,24)', 'bucket(len,64)', 'minute(ts) as m'")
	fs.StringArrayVar(&t.agg, "agg", nil, "add these `COLUMNS`: count(), sum(x), avg(x), min(x), max(x), p50(x), p99(x), distinct(x) over packets or, as avg(flow.bytes), over flows")
	fs.DurationVar(&t.interval, "interval", 0, "a ranking for each interval of capture time, such as 60s; live 1s if nothing is said")
	fs.DurationSliceVar(&t.windows, "window", stats.DefaultWindows, "rates over these `SPANS` before now; live rows are ordered by the second one")
	fs.BoolVar(&t.once, "once", false, "live: measure for --duration, 5s if nothing is said, and print one ranking")
	fs.IntVar(&t.count, "count", 0, "stop after `N` rankings; 0: never")
	fs.StringSliceVar(&t.local, "local", nil, "networks in `CIDR` form that tx and rx are seen from")
	fs.IntVar(&t.groups, "max-groups", stats.DefaultMaxGroups, "keep at most `N` groups, live 262144 if nothing is said; the smallest make room")
	fs.StringVar(&t.failOn, "fail-on", "", "exit 5 if `EXPR` is true for a printed row, such as 'peak_bps > 50Mbit/s'")
	completeBy(cmd)
}

// Live, a ranking is printed for every second, and --once measures five.
const (
	defaultInterval = time.Second
	defaultOnce     = 5 * time.Second
)

// liveGroups is how many groups a live run keeps if nothing is said: it goes on for
// days, in which there are always new flows, and takes some 100 MB for them.
const liveGroups = stats.DefaultMaxGroups / 4

// check refuses flags that do not go together, and completes those that depend
// on others.
func (t *topFlags) check(fs *pflag.FlagSet, src *sourceFlags) error {
	if err := stats.CheckWindows(t.windows); err != nil {
		return usagef("--window: %w", err)
	}
	switch {
	case t.count < 0:
		return usagef("--count %d: a number of rankings cannot be negative", t.count)
	case t.once && t.interval != 0:
		return usagef("--once prints one ranking: --interval makes several")
	case t.once && t.count > 1:
		return usagef("--once prints one ranking: --count %d asks for more", t.count)
	}
	if src.isLive() && t.once && !fs.Changed("duration") {
		src.duration = defaultOnce
	}
	if src.isLive() && !fs.Changed("max-groups") {
		t.groups = liveGroups
	}
	return nil
}

// config turns the flags into that of a ranking.
func (t *topFlags) config(s *session) (stats.Config, error) {
	cfg := stats.Config{Interval: int64(t.interval), MaxGroups: t.groups, Windows: t.windows, Live: s.source.Live()}
	if cfg.Live && !t.once && t.interval == 0 {
		cfg.Interval = int64(defaultInterval)
	}
	if t.interval < 0 {
		return cfg, usagef("--interval %v: a span of time cannot be negative", t.interval)
	}
	if t.groups < 1 {
		return cfg, usagef("--max-groups %d: at least one is needed", t.groups)
	}
	for _, text := range t.local {
		p, err := parsePrefix(text)
		if err != nil {
			return cfg, err
		}
		cfg.Local = append(cfg.Local, p)
	}
	cfg.NoFlow = s.owners.noFlow
	return cfg, t.columns(&cfg, s.meter.Iface, s.owners.table)
}

// columns sets what the rows of the ranking have: keys and aggregates.
func (t *topFlags) columns(cfg *stats.Config, iface func(uint32) packet.Iface, owners *process.Table) (err error) {
	schema := topSchema(cfg.Local, iface, owners)
	if cfg.Keys, err = stats.ParseBy(schema, t.by...); err != nil {
		return err
	}
	taken := append(namesOf(cfg.Fields()), "ts", "interval_s", "overlap", "service")
	cfg.Aggregates, err = stats.ParseAgg(schema, taken, t.agg...)
	return err
}

// topSchema is what keys and aggregates may name.
func topSchema(local []netip.Prefix, iface func(uint32) packet.Iface, owners *process.Table) stats.Schema {
	return stats.Schema{Packet: packetEntries(owners), Flow: flowEntries(iface, owners), Local: local, Owners: ownerKeys(owners)}
}

// parsePrefix parses a network, or an address as a network of its own.
func parsePrefix(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, usagef("--local %q: not a network such as 192.168.0.0/16", text)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// topColumns are the columns of a table behind its keys; records have all.
var topColumns = []string{"flows", "peers", "packets", "bytes", "tx_bytes", "rx_bytes", "avg_bps", "peak_bps", "share"}

// intervalColumns are those of a table of one interval.
var intervalColumns = []string{"interval_packets", "interval_bytes", "bps", "tx_bps", "rx_bps", "share"}

// liveColumns are those of a table of a live interval, for the windows of a
// ranking.
func liveColumns(cfg *stats.Config) []string {
	columns := append([]string{"state", "active_flows"}, cfg.RateFields("")...)
	main := strings.TrimPrefix(cfg.MainRate(), "bps_")
	return append(columns, "tx_bps_"+main, "rx_bps_"+main, "share_"+main)
}

// finalColumns are those of the one table of a live run.
var finalColumns = []string{"state", "flows", "peers", "packets", "tx_bytes", "rx_bytes", "tx_avg_bps", "rx_avg_bps", "tx_peak_bps", "rx_peak_bps", "share"}

// topLooks are how tables show the columns of a ranking.
var topLooks = map[string]look{
	"service":          {title: "SERVICE", priority: 4},
	"flows":            {title: "FLOWS", priority: 3},
	"active_flows":     {title: "ACTIVE", priority: 3},
	"peers":            {title: "PEERS", priority: 7},
	"packets":          {title: "PKTS", priority: 2},
	"interval_packets": {title: "PKTS", priority: 2},
	"bytes":            {title: "BYTES"},
	"interval_bytes":   {title: "BYTES"},
	"bps":              {title: "RATE", priority: 1},
	"tx_bps":           {title: "TX", priority: 5},
	"rx_bps":           {title: "RX", priority: 5},
	"tx_bytes":         {title: "TX", priority: 6},
	"rx_bytes":         {title: "RX", priority: 6},
	"avg_bps":          {title: "AVERAGE", priority: 9},
	"peak_bps":         {title: "PEAK", priority: 8},
	"share":            {title: "SHARE", bar: true},
	"process.pid":      {title: "PID"},
	"process.comm":     {title: "PROCESS"},
	"process.user":     {title: "USER", priority: 5},
	"process.unit":     {title: "UNIT", priority: 6},
	"process.via":      {title: "VIA", priority: 8},
	"tx_avg_bps":       {title: "TX AVG", priority: 10},
	"rx_avg_bps":       {title: "RX AVG", priority: 10},
	"tx_peak_bps":      {title: "TX PEAK", priority: 11},
	"rx_peak_bps":      {title: "RX PEAK", priority: 11},
	"state":            {title: "STATE", priority: 4},
}

// looksOf are how tables show the columns of a ranking with these windows.
func looksOf(cfg *stats.Config) map[string]look {
	looks := maps.Clone(topLooks)
	for i, w := range cfg.Windows {
		name := stats.WindowName(w)
		title := strings.ToUpper(string(output.AppendSpan(nil, w)))
		main := i == cfg.MainWindow()
		l := look{title: title, priority: 2}
		if main {
			l.priority = 0
			looks["tx_bps_"+name] = look{title: "TX", priority: 6}
			looks["rx_bps_"+name] = look{title: "RX", priority: 6}
			looks["share_"+name] = look{title: "SHARE", bar: true, priority: 1}
		}
		looks["bps_"+name] = l
	}
	return looks
}

// columns returns all columns of a ranking: what all its rows have alike, its
// keys, what follows from them, then the counters.
func (p *topPrinter) columns(cfg *stats.Config) []field.Entry[[]stats.Row] {
	return append(p.aboutResult(), columnsOf(cfg, 0, p.owners)...)
}

// columnsOf returns the columns of a ranking that are of its rows, but for the
// keys before the first one that is wanted.
func columnsOf(cfg *stats.Config, first int, owners *process.Table) []field.Entry[[]stats.Row] {
	all := cfg.Fields()
	var entries []field.Entry[[]stats.Row]
	for k := first; k < len(cfg.Keys); k++ {
		if isOwnerKey(&cfg.Keys[k]) {
			entries = append(entries, ownerColumns(k, owners)...)
		} else {
			entries = append(entries, all[k])
		}
	}
	for i, k := range cfg.Keys {
		if i >= first && k.Kind == field.Port {
			entries = append(entries, serviceOf(i))
			break
		}
	}
	return append(entries, all[len(cfg.Keys):]...)
}
