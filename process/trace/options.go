package trace

// Part is one of the things that programs watch.
type Part uint8

// Parts.
const (
	PartPackets Part = iota // which socket a packet belongs to: cgroup_skb
	PartCreate              // who creates sockets: cgroup sock_create
	PartIO                  // who uses sockets: tp_btf sock_send_length, sock_recv_length
	PartState               // who connects and closes: tp_btf inet_sock_set_state
	PartFiles               // who has sockets open: iter task_file
	PartExec                // which programs processes run: tp_btf sched_process_exec
	NumParts
)

// PartNames are what the parts are called for people.
var PartNames = []string{"packets", "creation", "use", "state", "open files", "exec"}

// Options says what to watch. The zero value watches everything.
type Options struct {
	// Without leaves parts out, as a kernel that lacks them does.
	Without [NumParts]bool
	// Own marks the owners that descend from this process.
	Own bool
	// Sockets is how many sockets and flows are remembered: the ones that were
	// used least recently make room. 0: DefaultSockets.
	Sockets uint32
}

// DefaultSockets takes about 50 MB of the kernel's memory.
const DefaultSockets = 1 << 17
