// Package sockdiag reads the kernel's tables of sockets: TCP, UDP, UDP-Lite, raw,
// packet and Unix sockets with their states, queues, timers and what TCP knows of
// its path. On Linux it asks over netlink (sock_diag(7)), and reads the tables
// under /proc/net where the kernel has no module for a family. Elsewhere every call
// returns errors.ErrUnsupported.
package sockdiag
