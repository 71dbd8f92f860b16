package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pkt/capture"
	"pkt/capture/afpacket"
	"pkt/capture/pcapfile"
	"pkt/field"
	"pkt/output"
	"pkt/packet"
)

// liveFlags say which interfaces packets come from, and how.
type liveFlags struct {
	ifaces  []string
	own     bool // -p: only what is for this host
	buffer  int  // KiB
	dir     string
	link    string
	user    string
	snapLen uint32 // 0: that of afpacket
}

// register adds the flags under their long names, and for dump under the letters
// that tcpdump has for them too.
func (l *liveFlags) register(fs *pflag.FlagSet, letters bool) {
	letter := func(s string) string {
		if letters {
			return s
		}
		return ""
	}
	fs.StringArrayVarP(&l.ifaces, "interface", "i", nil, "capture from `IFACE`, any for all; repeat it for several; the interface of the default route if neither -i nor -r is given")
	fs.BoolVarP(&l.own, "no-promiscuous-mode", letter("p"), false, "leave the interface as it is: only frames for this host, and to all")
	fs.IntVarP(&l.buffer, "buffer-size", letter("B"), afpacket.DefaultBuffer>>10, "memory for captured packets, in `KiB`")
	fs.StringVarP(&l.dir, "direction", letter("Q"), "inout", "only packets that this host has received or sent: in, out or inout")
	fs.StringVarP(&l.link, "linktype", letter("y"), "", "capture frames of link type `NAME`: that of the interface, LINUX_SLL or LINUX_SLL2; see pkt dump -L")
	fs.StringVarP(&l.user, "relinquish-privileges", letter("Z"), "", "go on as `USER` when the interfaces are open; the user behind sudo if not given, root to stay")
}

// open begins to capture. filter may be nil.
func (l *liveFlags) open(filter *captureFilter, note func(string, ...any)) (*interfaces, error) {
	if err := l.choose(); err != nil {
		return nil, err
	}
	opt, err := l.options()
	if err != nil {
		return nil, err
	}
	if filter != nil {
		opt.Filter = filter.program
	}
	opt.Changed = func(c afpacket.Change) { note("%s %s", c.Interface, c.Event) }
	c, err := afpacket.Open(opt)
	if err != nil {
		return nil, openError(err)
	}
	in := &interfaces{c}
	if filter != nil {
		filter.inKernel = c.InKernel() && !filter.userSpace
		if !filter.inKernel {
			note("the kernel does not take this filter: pkt runs it, and gets all packets")
		}
	}
	return in, nil
}

// noDefault says why no interface is chosen where none was named.
func noDefault(err error) error {
	if errors.Is(err, afpacket.ErrUnsupported) {
		return usageError{errNoInput}
	}
	return usagef("%w; %w", errNoInput, err)
}

// options turns the flags into those of a capture.
func (l *liveFlags) options() (opt afpacket.Options, err error) {
	opt = afpacket.Options{Interfaces: l.ifaces, Promiscuous: !l.own, Buffer: l.buffer << 10, SnapLen: l.snapLen}
	if len(l.ifaces) > 1 && slices.Contains(l.ifaces, afpacket.Any) {
		return opt, usagef("-i any: it is all interfaces, and stands alone")
	}
	if err := oneOf("direction", l.dir, "in", "out", "inout"); err != nil {
		return opt, err
	}
	opt.Dir = map[string]packet.Dir{"in": packet.DirIn, "out": packet.DirOut}[l.dir]
	if l.buffer < 1 || l.buffer > 1<<21 {
		return opt, usagef("--buffer-size %d: from 1 KiB to 2 GiB", l.buffer)
	}
	if l.link != "" {
		var ok bool
		if opt.Link, ok = capture.LinkByName(l.link); !ok {
			return opt, usagef("--linktype %s: not a link type; pkt dump -L lists those of an interface", l.link)
		}
		if err := l.offers(opt.Link); err != nil {
			return opt, err
		}
	}
	return opt, nil
}

// offers refuses a link type that an interface has not.
func (l *liveFlags) offers(link uint16) error {
	all, err := listInterfaces()
	if err != nil {
		return err
	}
	for _, i := range all {
		if slices.Contains(l.ifaces, i.Name) && !slices.Contains(i.Links(), link) {
			return usagef("--linktype %s: %s has no such frames; see pkt dump -L -i %s", l.link, i.Name, i.Name)
		}
	}
	return nil
}

// permissionError is what the system does not let pkt do.
type permissionError struct {
	err  error
	hint string
}

func (e permissionError) Error() string { return e.err.Error() + "\n" + e.hint }
func (e permissionError) Unwrap() error { return e.err }
func (e permissionError) ExitCode() int { return exitPermission }

// openError adds to an error what helps.
func openError(err error) error {
	var wrong *afpacket.Error
	switch {
	case errors.Is(err, fs.ErrPermission):
		self, e := os.Executable()
		if e != nil {
			self = "pkt"
		}
		return permissionError{err, "capturing needs CAP_NET_RAW: use sudo, or once: sudo setcap cap_net_raw=ep " + self}
	case errors.As(err, &wrong) && errors.Is(err, afpacket.ErrNoInterface):
		return usagef("%w%s", err, suggestInterface(wrong.Interface))
	case errors.As(err, &wrong) && errors.Is(err, afpacket.ErrDown):
		return fmt.Errorf("%w\nip link set %s up", err, wrong.Interface)
	}
	return err
}

// suggestInterface returns the end of a sentence that names the interface that
// was meant, or all there are.
func suggestInterface(name string) string {
	all, err := listInterfaces()
	if err != nil {
		return ""
	}
	var names []string
	near, most := "", 1+len(name)/3
	for _, i := range all {
		names = append(names, i.Name)
		if d := field.Distance(name, i.Name); d <= most {
			near, most = i.Name, d-1
		}
	}
	if near != "" {
		return ", did you mean " + near + "?"
	}
	return "\nthere are " + strings.Join(names, ", ")
}

// listInterfaces returns all interfaces, and the one that stands for all.
func listInterfaces() ([]afpacket.Interface, error) {
	all, err := afpacket.Interfaces()
	if err != nil {
		return nil, err
	}
	// LINKTYPE_LINUX_SLL2 is what the one that stands for all has.
	return append(all, afpacket.Interface{Name: afpacket.Any, Link: linkSLL2, Up: true}), nil
}

const linkSLL2 = 276

// interfaces is the input from network interfaces.
type interfaces struct{ *afpacket.Capture }

// Live implements input.
func (*interfaces) Live() bool { return true }

// Damage implements input: there is none.
func (*interfaces) Damage() []capture.Damage { return nil }

// Files implements input: there are none.
func (*interfaces) Files() []pcapfile.File { return nil }

// describe names the interfaces and the link type of their frames.
func (i *interfaces) describe() string {
	var names []string
	for _, t := range i.Targets() {
		names = append(names, t.Name)
	}
	links := map[uint16]bool{}
	for _, f := range i.Ifaces() {
		links[f.Link] = true
	}
	text := strings.Join(names, ", ")
	if len(links) == 1 {
		text += " (" + capture.LinkName(i.Ifaces()[0].Link) + ")"
	}
	return text
}

// counters are what tcpdump prints when it ends, the last line only where there is something to say.
func counters(captured uint64, c *capture.Stats) string {
	line := func(n uint64, what string) string {
		s := "s"
		if n == 1 {
			s = ""
		}
		return fmt.Sprintf("%d packet%s %s", n, s, what)
	}
	received := max(c.Received.Load(), captured) // the kernel's count may be some milliseconds old
	text := line(captured, "captured") + "\n" + line(received, "received by filter") + "\n" +
		line(c.KernelDrops.Load(), "dropped by kernel")
	if n := c.IfaceDrops.Load(); n > 0 {
		text += "\n" + line(n, "dropped by interface")
	}
	return text
}

// conclude says what a live run has seen.
func (s *session) conclude() {
	t, c := s.meter.Totals(), s.source.Stats()
	if s.packets {
		if !s.flags.quiet {
			fmt.Fprintln(s.env.stderr, counters(t.Packets, c))
		}
		return
	}
	s.note("%s packets, %s in %s, %s dropped by the kernel",
		output.AppendCount(nil, t.Packets),
		output.AppendSize(nil, float64(t.Bytes), output.SI),
		output.AppendDuration(nil, int64(time.Since(s.started)), false),
		output.AppendCount(nil, c.KernelDrops.Load()))
}

// lookup is a pcapfilter.Resolver that asks the system.
type lookup struct{}

// LookupHost implements pcapfilter.Resolver.
func (lookup) LookupHost(name string) []netip.Addr {
	ips, err := net.LookupIP(name)
	if err != nil {
		return nil
	}
	var found []netip.Addr
	for _, ip := range ips {
		if a, ok := netip.AddrFromSlice(ip); ok {
			found = append(found, a.Unmap())
		}
	}
	return found
}
