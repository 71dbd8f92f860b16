package process

// Rung is a way to find owners: the lower the number, the more it knows.
type Rung uint8

// Rungs of the ladder, from the exact one to none at all.
const (
	RungExact    Rung = iota + 1 // eBPF: packets, use, creation, open files
	RungOpen                     // eBPF without the tracepoints of use (before Linux 6.3)
	RungTuples                   // eBPF that sees no packets (without CAP_NET_ADMIN)
	RungCreators                 // eBPF that sees no tasks (without CAP_PERFMON or BTF)
	RungTables                   // sock_diag and /proc
	RungOwnUser                  // likewise, for processes of the own user only
	RungNone                     // nothing
)

// Step is a rung with what it is, needs and cannot know.
type Step struct {
	Rung    Rung
	Name    string // "1", "1b"
	Method  string // what it looks at
	Needs   string
	Unknown string // what it cannot know
	Err     error  // why it was not taken; nil for the one that was, and for those below
}

// steps are the rungs, in order.
var steps = []Step{
	{Rung: RungExact, Name: "1", Method: "eBPF: packets, use and creation of sockets, open files",
		Needs:   "CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, Linux 6.3 with BTF, cgroup2",
		Unknown: "sockets that were closed before it started"},
	{Rung: RungOpen, Name: "1b", Method: "eBPF: packets and creation of sockets, open files",
		Needs:   "CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, Linux 5.11 with BTF, cgroup2",
		Unknown: "which of several processes uses a socket that they share"},
	{Rung: RungTuples, Name: "2", Method: "eBPF: use of sockets, open files",
		Needs:   "CAP_BPF, CAP_PERFMON, Linux 6.3 with BTF",
		Unknown: "connections before their first use, packets that the kernel answers, which of several unconnected sockets on one port"},
	{Rung: RungCreators, Name: "3", Method: "eBPF: packets and creation of sockets",
		Needs:   "CAP_BPF, CAP_NET_ADMIN, Linux 5.8, cgroup2",
		Unknown: "which process uses a socket: who created it, or listens, counts; names of processes that have ended"},
	{Rung: RungTables, Name: "4", Method: "sock_diag and /proc, then who has the port",
		Needs:   "CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH",
		Unknown: "sockets that live shorter than the time between two looks: owners by port are guesses"},
	{Rung: RungOwnUser, Name: "5", Method: "sock_diag and /proc of the own user",
		Needs:   "nothing",
		Unknown: "processes of other users, of which only the user is known; short-lived sockets"},
}

// String returns the rung's name: 1, 1b, 2.
func (r Rung) String() string {
	for _, s := range steps {
		if s.Rung == r {
			return s.Name
		}
	}
	return "none"
}

// Steps returns all rungs, the best first.
func Steps() []Step { return append([]Step(nil), steps...) }
