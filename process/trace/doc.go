// Package trace follows sockets with eBPF: which socket a flow belongs to, and which
// process uses the socket. Its programs are written as instructions in Go, with the
// offsets of kernel structures from the kernel's own type information (BTF), and
// watch; they change and drop nothing.
//
//	cgroup_skb at the root of cgroup2     flow → socket
//	tp_btf sock_send_length, _recv_length socket → process that uses it (Linux 6.3)
//	tp_btf inet_sock_set_state            socket → process that connects or closes it
//	cgroup sock_create                    socket → process that created it
//	iter task_file                        sockets that were there before
//	tp_btf sched_process_exec             names and command lines of short-lived processes
//
// Everything hangs on file descriptors: when the process ends, however it does,
// the kernel removes programs and maps. Programs must be GPL to call what they call.
package trace
