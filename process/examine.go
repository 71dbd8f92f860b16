package process

// Check is one thing that a machine has to allow for capture or attribution.
type Check struct {
	Area  string // "machine", "capture", "attribution"
	Name  string // "kernel", "CAP_BPF", "rung 1"
	OK    bool
	Value string // what was found: "6.18.44", "yes"
	Note  string // what it is for, or why it is not allowed
}
