package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"pkt/filter/pcapfilter"
	"pkt/names"
	"pkt/packet"
)

// linkEthernet is what a filter is compiled for where no packet tells.
const linkEthernet = 1

// captureFilter is a pcap-filter as it was given on the command line. It is a
// meter.Filter.
type captureFilter struct {
	cache *pcapfilter.Cache
	used  bool
}

// newCaptureFilter returns the filter of trailing words and of a file (-F),
// nil if there is none. The words are joined with blanks, as tcpdump does.
func newCaptureFilter(words []string, file string, hasInput bool) (*captureFilter, error) {
	hint := "read it with -r"
	if hasInput {
		hint = "repeat -r, or quote the glob"
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
	return &captureFilter{cache: pcapfilter.NewCache(text, pcapfilter.Options{Names: system})}, nil
}

// Filter implements meter.Filter.
func (f *captureFilter) Filter(b *packet.Batch, in packet.Set) (packet.Set, error) {
	f.used = f.used || !in.Empty()
	out, err := f.cache.Filter(b, in)
	return out, filterError(err)
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
	return filterError(err)
}

// filterError makes a mistake in a filter one in the use of pkt, with a mark
// under the place.
func filterError(err error) error {
	var wrong *pcapfilter.Error
	if !errors.As(err, &wrong) {
		return err
	}
	caret := strings.TrimRight(string(wrong.AppendCaret(nil)), "\n")
	return usagef("%w\n  %s", err, strings.ReplaceAll(caret, "\n", "\n  "))
}
