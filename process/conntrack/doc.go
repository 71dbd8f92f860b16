// Package conntrack tells which connections the kernel translates (NAT): what it
// tracks of them in the network namespace of this process, over netlink
// (ctnetlink). On Linux that takes CAP_NET_ADMIN; elsewhere every call returns
// errors.ErrUnsupported.
package conntrack
