package output

import (
	"fmt"
	"slices"
	"strings"

	"pkt/stats"
)

// notices lists what explains numbers: how packets were carried, what was lost,
// what could not be read.
func (p *Page) notices(s *stats.Summary) {
	lines := p.carried(s)
	lines = append(lines, p.lost(s)...)
	if len(lines) == 0 {
		return
	}
	p.Section("Notices")
	for _, l := range lines {
		p.Text(l)
	}
}

// inTunnel is what is said of tunnelled packets, before the kinds of tunnels.
const inTunnel = "in a tunnel"

// carried says which packets are not plain frames.
func (p *Page) carried(s *stats.Summary) (lines []string) {
	n := &s.Notices
	for _, k := range []struct {
		stats.Volume
		what string
	}{
		{n.Tagged, "with a VLAN tag"}, {n.MPLS, "with MPLS labels"}, {n.PPPoE, "in a PPPoE session"},
		{n.Tunnelled, inTunnel}, {n.Fragments, "of fragmented datagrams"}, {n.Cut, "captured only in part"},
		{n.Offloaded, "without an IP length: captured before the network card cut them"},
		{n.Duplicates, "equal to the one before: captured twice?"},
	} {
		if k.Packets == 0 {
			continue
		}
		line := p.some(k.Packets, s.Packets) + " " + k.what
		if k.what == inTunnel {
			line += ": " + tunnels(n.Tunnels)
		}
		lines = append(lines, line)
	}
	return lines
}

// tunnels lists the kinds of tunnels.
func tunnels(kinds []stats.Tunnel) string {
	var names []string
	for _, t := range kinds {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// lost says what the capture lacks.
func (p *Page) lost(s *stats.Summary) (lines []string) {
	n := &s.Notices
	if n.Backwards > 0 {
		lines = append(lines, fmt.Sprintf("the clock went back %s, by up to %s", plural(n.Backwards, "time"), p.duration(n.BackwardStep)))
	}
	if n.Drops > 0 {
		lines = append(lines, "lost while capturing: "+plural(n.Drops, "packet"))
	}
	if n.Comments > 0 {
		lines = append(lines, plural(n.Comments, "comment")+" on packets")
	}
	if n.LessDetail > 0 {
		lines = append(lines, "hosts and ports that were forgotten, because there are too many: "+string(AppendCount(nil, n.LessDetail)))
	}
	for _, b := range s.Problems {
		lines = append(lines, p.some(b.Packets, s.Packets)+" not decoded whole: "+strings.ReplaceAll(b.Name, "_", " "))
	}
	return append(lines, s.Damage...)
}

// some is a number of packets with its share of all.
func (p *Page) some(n, all uint64) string {
	return fmt.Sprintf("%s (%s)", plural(n, "packet"), AppendPercent(nil, part(n, all)))
}

// plural is a number of things.
func plural(n uint64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return string(AppendCount(nil, n)) + " " + thing
}

// nthLargest returns the n-th largest value, 0 if there are fewer.
func nthLargest(values []uint64, n int) uint64 {
	if n > len(values) {
		return 0
	}
	slices.Sort(values)
	return values[len(values)-n]
}
