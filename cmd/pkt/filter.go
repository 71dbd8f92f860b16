package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/bpf"

	"pkt/capture"
	"pkt/capture/afpacket"
	"pkt/field"
	"pkt/filter"
	"pkt/filter/pcapfilter"
	"pkt/names"
	"pkt/packet"
)

// linkEthernet is what a filter is compiled for where no packet tells.
const linkEthernet = 1

// captureFilter is a pcap-filter as it was given on the command line. It is a
// meter.Filter.
type captureFilter struct {
	text  string
	opt   pcapfilter.Options
	cache *pcapfilter.Cache
	used  bool
	// userSpace says that no kernel takes the program, inKernel that ours runs it:
	// packets that it drops never come.
	userSpace, inKernel bool
	// where, if not nil, is an expression that has to hold too: what of it can be
	// said as a pcap-filter runs in the kernel beside the text.
	where *filter.Predicate[*packet.Batch]
	miss  nearMiss
}

// with returns the filter with an expression that the kernel may drop packets
// by.
func (f *captureFilter) with(where *filter.Predicate[*packet.Batch]) *captureFilter {
	if f == nil {
		opt := pcapfilter.Options{Live: true}
		f = &captureFilter{opt: opt, cache: pcapfilter.NewCache("", opt), used: true}
	}
	f.where = where
	return f
}

// newCaptureFilter returns the filter of trailing words and of a file (-F),
// nil if there is none. The words are joined with blanks, as tcpdump does.
func newCaptureFilter(words []string, file string, live bool) (*captureFilter, error) {
	hint := "repeat -r, or quote the glob"
	if live {
		hint = "read it with -r"
	}
	for _, w := range words {
		if info, err := os.Stat(w); err == nil && info.Mode().IsRegular() {
			return nil, usagef("%s is a file: %s", w, hint)
		}
	}
	text := strings.Join(words, " ")
	if file != "" {
		if text != "" {
			return nil, usagef("a filter is given in words and in a file (-F %s): use one of them", file)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the filter: %w", err)
		}
		text = strings.TrimSpace(string(content))
	}
	if text == "" {
		return nil, nil
	}
	system, err := names.ReadSystem(os.DirFS("/etc"))
	if err != nil {
		return nil, err
	}
	opt := pcapfilter.Options{Names: system, Live: live}
	if live {
		opt.Resolver = lookup{}
	}
	return &captureFilter{text: text, opt: opt, cache: pcapfilter.NewCache(text, opt)}, nil
}

// program compiles the filter for the kernel, as afpacket.Options wants it.
func (f *captureFilter) program(i afpacket.Interface) ([]bpf.RawInstruction, error) {
	f.used = true
	opt := f.opt
	opt.Link, opt.Netmask = i.Link, netmask(i.Name)
	p, err := f.compile(opt)
	if err != nil {
		return nil, filterError(fmt.Errorf("filter for %s packets: %w", capture.LinkName(i.Link), err))
	}
	if p.UserSpaceOnly() {
		f.userSpace = true
		return nil, nil
	}
	return p.Raw(), nil
}

// compile compiles the filter with what can be said of the expression. That
// stands in front, since words such as vlan change what is behind them. Mistakes
// are those of the filter alone; so is the program where both are too long.
func (f *captureFilter) compile(opt pcapfilter.Options) (*pcapfilter.Program, error) {
	p, err := pcapfilter.Compile(f.text, opt)
	if err != nil || f.where == nil {
		return p, err
	}
	text, ok := f.where.LivePushdown(opt.Link)
	if !ok {
		return p, nil
	}
	if f.text != "" {
		text = "(" + text + ") and (" + f.text + ")"
	}
	if both, err := pcapfilter.Compile(text, opt); err == nil && !both.UserSpaceOnly() {
		return both, nil
	}
	return p, nil
}

// netmask returns the mask of the first IPv4 network of an interface.
func netmask(name string) uint32 {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return pcapfilter.NetmaskUnknown
	}
	addrs, err := i.Addrs()
	if err != nil {
		return pcapfilter.NetmaskUnknown
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil {
			return binary.BigEndian.Uint32(n.Mask)
		}
	}
	return pcapfilter.NetmaskUnknown
}

// Filter implements meter.Filter.
func (f *captureFilter) Filter(b *packet.Batch, in packet.Set) (packet.Set, error) {
	f.used = f.used || !in.Empty()
	out, err := f.cache.Filter(b, in)
	f.miss.look(b, in, out)
	return out, f.explained(err)
}

// explained is filterError for a filter of files.
func (f *captureFilter) explained(err error) error {
	var wrong *pcapfilter.Error
	if errors.As(err, &wrong) && f.opt.Resolver == nil && strings.HasPrefix(wrong.Msg, "unknown host") && wrong.Hint() == "" {
		return marked(err, wrong, ": names of hosts are looked up live only")
	}
	return filterError(err)
}

// check compiles the filter if no packet has made it be compiled: a mistake is
// one on an empty capture too.
func (f *captureFilter) check(ifaces []packet.Iface) error {
	if f == nil || f.used {
		return nil
	}
	iface := packet.Iface{Link: linkEthernet}
	if len(ifaces) > 0 {
		iface = ifaces[0]
	}
	_, err := f.cache.Matcher(iface.Link, iface.BigEndian)
	return f.explained(err)
}

// filterError makes a mistake in a filter one in the use of pkt, with a mark
// under the place.
func filterError(err error) error {
	var wrong *pcapfilter.Error
	if !errors.As(err, &wrong) {
		return err
	}
	return marked(err, wrong, filterHint(wrong))
}

// marked shows the place of a mistake, behind what err says and a hint.
func marked(err error, wrong *pcapfilter.Error, hint string) error {
	caret := strings.TrimRight(string(wrong.AppendCaret(nil)), "\n")
	return usagef("%w%s\n  %s", err, hint, strings.ReplaceAll(caret, "\n", "\n  "))
}

// filterHint returns the end of a sentence that says what was probably meant.
func filterHint(wrong *pcapfilter.Error) string {
	word := wrong.Expr[wrong.Pos:wrong.End]
	known := func(f field.Field) bool { return f.Name == word }
	switch use := wrong.Hint(); {
	case strings.Contains(wrong.Expr, "==") && slices.ContainsFunc(packetFields(), known):
		return fmt.Sprintf(": %s is a word of expressions, which --where takes", word)
	case use != "":
		return fmt.Sprintf(", did you mean %s?", use)
	}
	return ""
}

// rejectsAll reports whether no packet of a link type can match.
func (f *captureFilter) rejectsAll(link uint16) bool {
	opt := f.opt
	opt.Link = link
	p, err := pcapfilter.Compile(f.text, opt)
	return err == nil && p.RejectsAll()
}
