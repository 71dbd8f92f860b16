// Package process says which process, container and unit owns the traffic of a
// socket. It asks the kernel by the best means that this machine allows, from eBPF
// that follows every socket down to the tables of sock_diag and /proc: see Rung.
//
// A Watcher is asked about the two ends of a flow, not about packets, and about
// once a second: an answer is there a few milliseconds after the first packet, and
// may become better later, when another process takes over the socket.
// On systems other than Linux there are no means, and Open returns
// errors.ErrUnsupported.
package process
