package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pkt/field"
	"pkt/filter"
	"pkt/names"
	"pkt/output"
	"pkt/packet"
	"pkt/process"
	"pkt/process/sockdiag"
)

// socketColumns are the columns of a table of sockets; records have all fields.
var socketColumns = []string{"proto", "state", "recv_q", "send_q", "backlog", "backlog_max", "local", "peer", "tx_bps", "rx_bps", "process.pid", "process.comm",
	"process.user", "process.unit", "tcp.rtt_s", "tcp.cwnd", "tcp.retrans", "tcp.delivery_bps", "timer"}

// socketLooks are how tables show the columns of sockets.
var socketLooks = map[string]look{
	"proto":             {},
	"service":           {priority: 6},
	"state":             {},
	"recv_q":            {title: "RECV-Q", priority: 7},
	"send_q":            {title: "SEND-Q", priority: 7},
	"backlog":           {title: "BACKLOG", priority: 8},
	"backlog_max":       {title: "MAX", priority: 9},
	"local":             {title: "LOCAL", key: true},
	"peer":              {title: "PEER", key: true},
	"process.pid":       {title: "PID"},
	"process.comm":      {title: "PROCESS"},
	"process.user":      {title: "USER", priority: 4},
	"process.unit":      {title: "UNIT", priority: 7},
	"process.container": {title: "CONTAINER", priority: 7},
	"users":             {title: "PROCESSES", priority: 1},
	"netns":             {title: "NETNS", priority: 5},
	"tcp.rtt_s":         {title: "RTT", priority: 10},
	"tcp.cwnd":          {title: "CWND", priority: 12},
	"tcp.retrans":       {title: "RETRANS", priority: 11},
	"tcp.delivery_bps":  {title: "DELIVERY", priority: 13},
	"timer":             {priority: 14},
	"tx_bps":            {title: "TX", priority: 2},
	"rx_bps":            {title: "RX", priority: 2},
	"sockets":           {title: "SOCKETS"},
}

// socketFlags are the letters that netstat's and ss's users know.
type socketFlags struct {
	tcp, udp, raw, unix, packets bool
	listening, all               bool
	numeric, processes           bool
	ownSpace                     bool
	where, failOn                string
	by                           []string
	rate                         time.Duration
}

func newSockets(env *environment) *cobra.Command {
	var flags socketFlags
	var show displayFlags
	var rank rankFlags
	cmd := &cobra.Command{
		Use:   "sockets",
		Short: "Open sockets with process, state, queues, TCP internals",
		Long: "sockets lists open sockets and who has them open, with user, systemd unit and container, queues, timers\n" +
			"and what TCP measured: as root those of all processes and network namespaces. The letters are those\n" +
			"of netstat and ss: -t TCP, -u UDP, -w raw, -x Unix, -0 packet sockets; none of them: all but Unix ones.\n" +
			"Listening sockets are listed with -l alone and with -a beside the others.",
		Example: "  pkt sockets -lntup\n" +
			"  pkt sockets -a --where 'process.comm == \"nginx\"'\n" +
			"  pkt sockets -t --sort -tcp.rtt_s --limit 10\n" +
			"  pkt sockets -a --by state\n" +
			"  pkt sockets -tu --rate 2s --sort -rx_bps\n" +
			"  pkt sockets -ta --by process -o json",
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.run(cmd.Context(), env, &show, &rank)
		},
	}
	flags.register(cmd.Flags())
	show.register(cmd.Flags())
	show.registerUnits(cmd.Flags())
	show.registerColumns(cmd.Flags())
	rank.register(cmd.Flags(), "")
	complete(cmd, func() []field.Field { return fieldsOf(socketEntries()) })
	completeFields(cmd, "by", func() []field.Field { return fieldsOf(socketEntries()) })
	return cmd
}

func (f *socketFlags) register(fs *pflag.FlagSet) {
	fs.BoolVarP(&f.tcp, "tcp", "t", false, "TCP sockets")
	fs.BoolVarP(&f.udp, "udp", "u", false, "UDP sockets")
	fs.BoolVarP(&f.raw, "raw", "w", false, "raw sockets")
	fs.BoolVarP(&f.unix, "unix", "x", false, "Unix sockets")
	fs.BoolVarP(&f.packets, "packet", "0", false, "packet sockets")
	fs.BoolVarP(&f.listening, "listening", "l", false, "only sockets that wait for others: listeners, and those that are not connected")
	fs.BoolVarP(&f.all, "all", "a", false, "listening sockets too")
	fs.BoolVarP(&f.numeric, "numeric", "n", false, "tables without the names of services")
	fs.BoolVarP(&f.processes, "processes", "p", false, "tables with all processes that have a socket open, not only the first")
	fs.BoolVar(&f.ownSpace, "own-netns", false, "only sockets of the own network namespace")
	fs.StringVarP(&f.where, "where", "Y", "", "only sockets for which `EXPR` is true, such as 'local_port == 443 && process.user != \"root\"'")
	fs.StringVar(&f.failOn, "fail-on", "", "exit 5 if `EXPR` is true for any of the sockets, such as 'recv_q > 1MB'")
	fs.DurationVar(&f.rate, "rate", 0, "capture for this `SPAN` first, such as 2s, and show the rate of each socket")
	fs.StringArrayVar(&f.by, "by", nil, "count sockets by these `FIELDS`: state, process, process.unit, local_port")
}

// protos returns the kinds of sockets that the letters name.
func (f *socketFlags) protos() (list []sockdiag.Proto) {
	for _, w := range []struct {
		on     bool
		protos []sockdiag.Proto
	}{
		{f.tcp, []sockdiag.Proto{sockdiag.TCP}},
		{f.udp, []sockdiag.Proto{sockdiag.UDP, sockdiag.UDPLite}},
		{f.raw, []sockdiag.Proto{sockdiag.Raw}},
		{f.packets, []sockdiag.Proto{sockdiag.Packet}},
		{f.unix, []sockdiag.Proto{sockdiag.Unix}},
	} {
		if w.on {
			list = append(list, w.protos...)
		}
	}
	if list == nil {
		list = []sockdiag.Proto{sockdiag.TCP, sockdiag.UDP, sockdiag.UDPLite, sockdiag.Raw, sockdiag.Packet}
	}
	return list
}

// socketEntries returns the fields of sockets, and what tables show in the place of
// several of them.
func socketEntries() []field.Entry[[]process.Socket] {
	return append(process.SocketFields(process.Names{Service: names.Service}), socketEnds()...)
}

// run lists the sockets.
func (f *socketFlags) run(ctx context.Context, env *environment, show *displayFlags, rank *rankFlags) error {
	format, opt, err := show.options(env)
	if err != nil {
		return err
	}
	if err := rank.check(); err != nil {
		return err
	}
	entries := socketEntries()
	schema := filter.Schema[[]process.Socket]{Scope: field.Socket, Entries: entries, Others: allFields()}
	where, err1 := predicate(f.where, schema)
	failOn, err2 := predicate(f.failOn, schema)
	counts, err3 := newSocketCounts(f.by, schema)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	p := &socketPrinter{flags: f, env: env, show: show, rank: rank, format: format, out: output.New(env.stdout, format, opt), entries: entries}
	var rates *socketMeter
	if f.rate < 0 {
		return usagef("--rate %v: a span of time cannot be negative", f.rate)
	}
	if f.rate > 0 {
		if rates, err = measureSockets(ctx, env, f.rate); err != nil {
			return err
		}
	}
	listing, err := process.Sockets(process.SocketOptions{Protos: f.protos(), OwnSpace: f.ownSpace})
	if err != nil {
		return err
	}
	if rates != nil && len(listing.Sockets) > 0 {
		rates.rates(listing.Sockets, listing.Own, f.rate)
	}
	p.listing = listing
	p.take(where)
	if counts != nil {
		err = p.printCounts(counts)
	} else {
		err = p.printSockets()
	}
	if err == nil {
		err = p.out.Close()
	}
	if err == nil && failOn != nil && slices.ContainsFunc(p.rows, func(s process.Socket) bool {
		in := failOn.Filter([]process.Socket{s}, packet.FirstN(1))
		return !in.Empty()
	}) {
		return errCondition
	}
	return err
}

// predicate compiles an expression; nil stands for none.
func predicate[R any](text string, schema filter.Schema[R]) (*filter.Predicate[R], error) {
	if text == "" {
		return nil, nil
	}
	return filter.Compile(text, schema)
}

// socketPrinter prints a listing of sockets.
type socketPrinter struct {
	flags   *socketFlags
	env     *environment
	show    *displayFlags
	rank    *rankFlags
	format  output.Format
	out     *output.Printer
	entries []field.Entry[[]process.Socket]
	listing process.Listing
	rows    []process.Socket // those that are asked for
	hidden  int              // listening sockets that nobody asked for
}

// take picks the sockets that are asked for, in the order of tables.
func (p *socketPrinter) take(where *filter.Predicate[[]process.Socket]) {
	for _, s := range p.listing.Sockets {
		switch listens := s.Listens(); {
		case listens && !p.flags.listening && !p.flags.all:
			p.hidden++
			continue
		case !listens && p.flags.listening && !p.flags.all:
			continue
		}
		p.rows = append(p.rows, s)
	}
	if where != nil {
		var kept []process.Socket
		for chunk := range slices.Chunk(p.rows, packet.BatchLen) {
			in := where.Filter(chunk, packet.FirstN(len(chunk)))
			for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
				kept = append(kept, chunk[i])
			}
		}
		p.rows = kept
	}
	slices.SortStableFunc(p.rows, compareSockets)
}

// printSockets prints one row a socket.
func (p *socketPrinter) printSockets() error {
	picked, err := pick(p.show.fields, p.usual(), p.entries, field.Socket)
	if err != nil {
		return err
	}
	rows := p.rows
	if p.rank.sort != "" {
		keys, top, err := newOrder[process.Socket](p.rank.sort, p.rank.limit, p.entries, field.Socket)
		if err != nil {
			return err
		}
		for chunk := range slices.Chunk(p.rows, packet.BatchLen) {
			keys.Read(chunk, packet.FirstN(len(chunk)))
			for i := range chunk {
				top.Add(keys.At(i), chunk[i])
			}
		}
		rows = nil
		for s := range top.All() {
			rows = append(rows, *s)
		}
	}
	if p.rank.limit > 0 {
		rows = rows[:min(len(rows), p.rank.limit)]
	}
	cols := output.Columns(picked)
	dress(cols, socketLooks)
	w, err := p.out.Records(output.Record{Type: "socket", Columns: cols})
	if err != nil {
		return err
	}
	reader := output.NewRows(picked)
	for chunk := range slices.Chunk(rows, packet.BatchLen) {
		if err := reader.Write(chunk, packet.FirstN(len(chunk)), w); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return p.footer(len(rows))
}

// usual returns the columns that are shown where --fields does not say.
func (p *socketPrinter) usual() []string {
	if p.format != output.Table {
		all := process.SocketFields(process.Names{})
		return namesOf(all)
	}
	var columns []string
	has := func(test func(s *process.Socket) bool) bool {
		return slices.ContainsFunc(p.rows, func(s process.Socket) bool { return test(&s) })
	}
	for _, c := range socketColumns {
		switch {
		case c == "local" && !p.flags.numeric && has(func(s *process.Socket) bool { return s.Local.Port() != 0 }):
			columns = append(columns, "local", "peer", "service")
			continue
		case c == "peer" && slices.Contains(columns, "peer"):
			continue
		case c == "process.comm" && p.flags.processes:
			columns = append(columns, "users")
			continue
		case (c == "tx_bps" || c == "rx_bps") && p.flags.rate == 0,
			c == "process.pid" && p.flags.processes,
			(c == "recv_q" || c == "send_q") && !has(func(s *process.Socket) bool { return s.State != sockdiag.Listen }),
			(c == "backlog" || c == "backlog_max") && !has(func(s *process.Socket) bool { return s.State == sockdiag.Listen }),
			len(c) > 4 && c[:4] == "tcp." && !has(func(s *process.Socket) bool { return s.TCP != nil && !s.Listens() }),
			c == "timer" && !has(func(s *process.Socket) bool { return s.Timer != sockdiag.TimerOff }),
			c == "process.unit" && !has(func(s *process.Socket) bool { return s.Owner.Unit != "" }):
			continue
		}
		columns = append(columns, c)
		if c == "process.unit" && has(func(s *process.Socket) bool { return s.Owner.Container != "" }) {
			columns = append(columns, "process.container")
		}
	}
	if has(func(s *process.Socket) bool { return s.NetNS != p.listing.Sockets[0].NetNS }) {
		columns = append(columns, "netns")
	}
	return columns
}

// footer says in words what a table does not show.
func (p *socketPrinter) footer(shown int) error {
	line := plural(len(p.rows), "socket")
	if shown < len(p.rows) {
		line += fmt.Sprintf(", the first %s are listed", output.AppendCount(nil, uint64(shown)))
	}
	if p.listing.Spaces > 1 {
		line += fmt.Sprintf(" in %d network namespaces", p.listing.Spaces)
	}
	if p.hidden > 0 {
		line += fmt.Sprintf("; %s listening ones are not listed: -a lists all, -l only those", output.AppendCount(nil, uint64(p.hidden)))
	}
	if err := p.out.Line(line); err != nil {
		return err
	}
	if p.listing.Denied > 0 {
		return p.out.Line(fmt.Sprintf("the sockets of %s may not be looked at: root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, may",
			plural(p.listing.Denied, "process")))
	}
	return nil
}

// plural returns a number of things.
func plural(n int, thing string) string {
	text := string(output.AppendCount(nil, uint64(n))) + " " + thing
	switch {
	case n == 1:
		return text
	case strings.HasSuffix(thing, "s"):
		return text + "es"
	}
	return text + "s"
}
