package filter

import (
	"cmp"
	"slices"
	"strings"

	"pkt/field"
	"pkt/filter/pcapfilter"
)

// Push-down: what of an expression over packets can be said as a pcap-filter
// that runs before decoding. It may drop only what provably cannot match, and
// so has the form
//
//	W or EXEMPT
//
// where W holds for every plain packet for which the expression is true, and
// EXEMPT for every packet that is not plain: fragments, tunnels, tags,
// extension headers, everything that decoding might look into.
//
// One trap: a BPF program rejects a packet when it loads bytes that were not
// captured. A packet for which the expression is true was captured as far as
// its fields reach, and no further. So every part knows how deep it loads, and
// how deep a packet for which it is true was captured for certain; the parts of
// an "or" are asked in an order in which no part loads deeper than what the
// ones behind it are sure of.

// depth is how far into a packet a filter looks.
type depth uint8

const (
	depthRecord depth = iota // lengths of the record only
	depthLink                // the link-layer header with its EtherType
	depthIP                  // the fixed IP header
	depthPorts               // the first four bytes behind it
	depthTCP                 // the fixed TCP header
)

// pushed is a pcap-filter that holds for every plain packet for which a node
// is true.
type pushed struct {
	text  string
	never bool  // no plain packet can match; text is empty
	loads depth // how deep it looks at most
	sure  depth // how deep packets were captured for which the node is true
}

// maxAlternatives is how many addresses or ranges of ports are pushed down. A
// longer program costs more than it saves.
const maxAlternatives = 32

// Pushdown returns a pcap-filter for packets of a link type, a LINKTYPE_ value,
// that may run before decoding: packets that it drops cannot match. ok is false
// if the expression has nothing that can be said so.
func (p *Predicate[R]) Pushdown(link uint16) (prog *pcapfilter.Program, text string, ok bool) {
	if text, ok = p.pushdown(link, false); !ok {
		return nil, "", false
	}
	prog, err := pcapfilter.Compile(text, pcapfilter.Options{Link: link})
	return prog, text, err == nil
}

// LivePushdown is the text of Pushdown for the kernel. It sees frames without
// the VLAN tag that their network card took off, and so cannot tell how long
// they are.
func (p *Predicate[R]) LivePushdown(link uint16) (text string, ok bool) {
	if link != linkEthernet && link != linkRaw {
		return "", false
	}
	return p.pushdown(link, true)
}

func (p *Predicate[R]) pushdown(link uint16, live bool) (text string, ok bool) {
	if p.schema.Scope != field.Packet || !slices.Contains(pushLinks, link) {
		return "", false
	}
	d := pusher{fields: p.schema.scope().fields, ethernet: link == linkEthernet, live: live}
	w, ok := d.push(p.root)
	if !ok {
		return "", false
	}
	parts := exempt
	if !w.never {
		parts = append([]string{w.text}, exempt...)
	}
	return strings.Join(parts, " or "), true
}

// LINKTYPE_ values with headers of fixed length in front of IP.
const (
	linkEthernet = 1
	linkRaw      = 101
	linkSLL      = 113
	linkSLL2     = 276
)

var pushLinks = []uint16{linkEthernet, linkRaw, linkSLL, linkSLL2}

// plainProtos are the IP protocols with nothing inside that is decoded as IP,
// but for UDP to or from a port of a tunnel.
var plainProtos = []uint64{1, 6, 17, 58, 132}

// exempt are the parts of EXEMPT, none of which loads deeper than what a
// packet was captured to that gets there.
var exempt = []string{
	"not (ip or ip6)",
	"ip[6:2] & 0x3fff != 0",
	"(ip and not (" + protoText("ip[9]", plainProtos) + "))",
	"(ip6 and not (" + protoText("ip6[6]", plainProtos) + "))",
	"(udp and (" + portText("port", tunnelPorts) + "))",
}

// tunnelPorts are the UDP ports that decoding takes for tunnels; a test holds
// the list to package decode.
var tunnelPorts = []uint64{1701, 2152, 3544, 4754, 4789, 4790, 5072, 5247, 6081, 6635, 8472}

// pusher derives pcap-filters from nodes.
type pusher struct {
	fields   []field.Field
	ethernet bool
	live     bool
}

// push returns what is known of plain packets for which n is true, false if
// that is nothing.
func (d *pusher) push(n *node) (pushed, bool) {
	switch n.op {
	case opAnd:
		return d.and(n.kids)
	case opOr:
		return d.or(n.kids)
	case opIs:
		if k := n.kids[0]; k.op == opField {
			return d.is(d.fields[k.field].Name, &k.typ, n.ranges)
		}
	case opHas:
		if k := n.kids[0]; k.op == opField && neverPlain(d.fields[k.field].Name) {
			return pushed{never: true}, true
		}
	}
	return pushed{}, false
}

// and joins what can be said of any of the nodes.
func (d *pusher) and(kids []*node) (pushed, bool) {
	var out pushed
	var texts []string
	for _, k := range kids {
		w, ok := d.push(k)
		switch {
		case !ok:
			continue
		case w.never:
			return w, true
		}
		texts = append(texts, w.text)
		out.loads, out.sure = max(out.loads, w.loads), max(out.sure, w.sure)
	}
	if len(texts) == 0 {
		return pushed{}, false
	}
	out.text = group(texts, " and ")
	return out, true
}

// or joins what can be said of all of the nodes, in an order that is safe.
func (d *pusher) or(kids []*node) (pushed, bool) {
	var parts []pushed
	for _, k := range kids {
		w, ok := d.push(k)
		if !ok {
			return pushed{}, false
		}
		if !w.never {
			parts = append(parts, w)
		}
	}
	if len(parts) == 0 {
		return pushed{never: true}, true
	}
	slices.SortStableFunc(parts, func(a, b pushed) int {
		return cmp.Or(cmp.Compare(a.sure, b.sure), cmp.Compare(a.loads, b.loads))
	})
	out := parts[0]
	texts := []string{out.text}
	for _, w := range parts[1:] {
		if out.loads > w.sure {
			return pushed{}, false
		}
		out.loads = max(out.loads, w.loads)
		out.sure = min(out.sure, w.sure)
		texts = append(texts, w.text)
	}
	out.text = group(texts, " or ")
	return out, true
}

// group joins filters in brackets: in pcap-filter, "and" and "or" bind alike.
func group(texts []string, word string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	return "(" + strings.Join(texts, word) + ")"
}

// neverPlain reports whether no plain packet has a field.
func neverPlain(name string) bool {
	return strings.HasPrefix(name, "arp.") || strings.HasPrefix(name, "tunnel.") && name != "tunnel.depth"
}

// is pushes the test that a field is in ranges.
func (d *pusher) is(name string, t *field.Field, ranges []bounds) (pushed, bool) {
	switch name {
	case "len":
		if d.live {
			return pushed{}, false
		}
		return said(numberText("len", ranges), depthRecord)
	case "src_ip":
		return said(addrText("src", ranges), depthIP)
	case "dst_ip":
		return said(addrText("dst", ranges), depthIP)
	case "host":
		return said(addrText("", ranges), depthIP)
	case "src_port":
		return said(portRanges("src", ranges), depthPorts)
	case "dst_port":
		return said(portRanges("dst", ranges), depthPorts)
	case "port":
		return said(portRanges("", ranges), depthPorts)
	case "src_mac", "dst_mac":
		if d.ethernet {
			return said(macText(name[:3], ranges), depthLink)
		}
		return pushed{}, false
	case "proto":
		return protoSet(t.Names, ranges)
	case "ttl":
		return said(either4or6(numberText("ip[8]", ranges), numberText("ip6[7]", ranges)), depthIP)
	case "ip_version":
		return said(versionText(ranges), depthIP)
	}
	if flag, ok := strings.CutPrefix(name, "tcp.flags."); ok && t.Kind == field.Bool {
		return said(flagText(flag, ranges), depthTCP)
	}
	for prefix, protos := range map[string][]uint64{"tcp.": {6}, "udp.": {17}, "icmp.": {1, 58}} {
		if strings.HasPrefix(name, prefix) {
			return said(either4or6(protoText("ip[9]", protos), protoText("ip6[6]", protos)), depthIP)
		}
	}
	return pushed{never: true}, neverPlain(name)
}

// said is a filter that looks as deep as the field that it stands for. An empty
// one says nothing.
func said(text string, d depth) (pushed, bool) {
	return pushed{text: text, loads: d, sure: d}, text != ""
}
