package process

// ID stands for an owner in a Table. The zero ID is that of nobody, for flows that
// have not been asked about.
type ID uint32

// Owners that are no processes.
const (
	Nobody    ID = iota
	Kernel       // traffic that the kernel sends and takes for itself: ARP, ICMP, resets, tunnels
	Forwarded    // traffic between other machines, or of other network namespaces
	Unowned      // traffic of this machine whose process is not known
	firstProcess
)

// IsProcess reports whether the ID stands for a process.
func (id ID) IsProcess() bool { return id >= firstProcess }

// Via says by what an owner is known.
type Via uint8

// Ways to know an owner, from the best to the least certain.
const (
	ViaNone     Via = iota
	ViaIO           // the process sent or received on the socket
	ViaState        // it connected or closed the socket
	ViaOpen         // it has the socket open
	ViaCreate       // it created the socket
	ViaListener     // it listens, and the connection was not yet used by whoever accepted it
	ViaSocket       // it has the socket open, by sock_diag and /proc
	ViaPort         // a guess: it has a socket open on the local port
	ViaUser         // only the user is known
	ViaRule         // no process: by the kind of the traffic
	ViaFile         // the capture file says so
	NumVia
	// ViaNAT is added to the way by which the owner of a translated flow is known: its
	// socket has another address or port than its packets.
	ViaNAT = NumVia
)

// ViaNames are the spellings of the ways.
var ViaNames = []string{"", "io", "state", "open", "create", "listener", "socket", "port", "user", "rule", "file",
	"nat", "io+nat", "state+nat", "open+nat", "create+nat", "listener+nat", "socket+nat", "port+nat", "user+nat", "rule+nat", "file+nat"}

// Guess reports whether an owner that is known so may be the wrong one.
func (v Via) Guess() bool { return v.Plain() == ViaPort || v.Plain() == ViaUser }

// Plain returns the way without ViaNAT.
func (v Via) Plain() Via { return v % ViaNAT }

// Owner is one incarnation of a process: a pid that is used again is another owner.
type Owner struct {
	PID   uint32 // 0 if only the user is known, and for what is no process
	Start uint64 // since the machine booted, in hundredths of a second; 0 if unknown
	PPID  uint32
	Comm  string // its name: 15 bytes at most, follows exec
	Exe   string // path of its program; empty if unknown
	Args  string // command line, with spaces between the words; cut after some hundred bytes
	UID   uint32 // valid only if HasUID
	User  string // name of UID, or its digits
	// Chain are the names of its ancestors, the parent first: "bash/812".
	Chain  []string
	NetNS  uint64 // inode of its network namespace; 0 if unknown
	HasUID bool
	// Own says that it descends from this process: see Options.Own.
	Own bool
	Group
}

// kinds without a process, as rows name them.
var noProcess = [firstProcess]Owner{{}, {Comm: "kernel"}, {Comm: "forwarded"}, {Comm: "unowned"}}
