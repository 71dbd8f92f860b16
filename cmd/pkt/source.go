package main

import (
	"time"

	"github.com/spf13/pflag"
)

// sourceFlags say which packets a command looks at.
type sourceFlags struct {
	read     []string
	live     liveFlags
	follow   bool
	count    uint64
	captured uint64 // bytes after which the run ends; 0: any number
	duration time.Duration
	vlanKey  bool
	idle     time.Duration
	active   time.Duration
	maxFlows int
	progress string
	quiet    bool
	strict   bool
	filter   string // file with a pcap-filter
	where    string // an expression over packets
	marks    bool   // what becomes of packets needs their marks
	owner    ownerFlags
}

// Defaults of the flow table. Five minutes is what Zeek and nfdump's collectors
// wait for; ten million flows take some 2 GB.
const (
	defaultIdle     = 5 * time.Minute
	defaultMaxFlows = 10_000_000
)

// liveLinger is how long a closed connection waits for late packets when it is
// to be shown soon, ns: as long as Zeek waits.
const liveLinger = 5e9

func (s *sourceFlags) register(fs *pflag.FlagSet) {
	fs.StringArrayVarP(&s.read, "read", "r", nil, "read packets from `FILE`; - is stdin; repeat it or quote a glob to merge captures by time")
	fs.BoolVar(&s.follow, "follow", false, "wait for more at the end of the file, as tail -F does; with a glob, for the next file too")
	fs.StringVarP(&s.filter, "filter-file", "F", "", "read the pcap-filter from `FILE` instead of the trailing words")
	fs.Uint64VarP(&s.count, "count-packets", "c", 0, "stop after `N` packets")
	fs.DurationVar(&s.duration, "duration", 0, "stop after this `SPAN` of capture time, such as 90s or 10m; live, of any time")
	fs.StringVar(&s.progress, "progress", "auto", "show a progress bar on stderr: auto, always or never")
	fs.BoolVar(&s.quiet, "quiet", false, "no notes on stderr; errors are still shown")
	fs.BoolVar(&s.strict, "strict", false, "exit 3 also when a limit made the result incomplete")
}

// isLive reports whether packets come from interfaces.
func (s *sourceFlags) isLive() bool { return len(s.read) == 0 }

// registerWhere adds the flag of commands whose rows are made of packets.
func (s *sourceFlags) registerWhere(fs *pflag.FlagSet) {
	s.owner.register(fs, "packets")
	fs.StringVarP(&s.where, "where", "Y", "", "only packets for which `EXPR` is true, such as 'dst_port == 443 && len > 1kB'; flow.NAME asks for their flow, and reads files twice")
}

// registerFlow adds the flags of the flow table.
func (s *sourceFlags) registerFlow(fs *pflag.FlagSet) {
	s.registerTable(fs)
	fs.DurationVar(&s.active, "active", 0, "close the record of a flow after this long and go on with a new one; 0: never")
}

// registerTable adds the flags of a flow table that makes no records.
func (s *sourceFlags) registerTable(fs *pflag.FlagSet) {
	fs.DurationVar(&s.idle, "idle", defaultIdle, "end a flow without packets for this long, in capture time")
	fs.IntVar(&s.maxFlows, "max-flows", defaultMaxFlows, "keep at most `N` flows at a time; the longest idle ones end first")
	fs.BoolVar(&s.vlanKey, "vlan-key", false, "keep equal addresses in different VLANs apart")
}
