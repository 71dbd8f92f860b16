package output

import (
	"fmt"
	"slices"
	"strings"

	"pkt/field"
)

// FieldError says that a name on the command line is not a field, or not one
// that the command has.
type FieldError struct {
	Text   string // the argument that holds the name
	Offset int    // of the name in it, in bytes
	Name   string
	Use    string      // the field that is probably meant; empty if none is near
	Scope  field.Scope // of the field called Name elsewhere; 0 if there is none
	reason string
}

// Error returns the reason and, below it, the argument with a mark under the name.
func (e *FieldError) Error() string {
	before := appendSafe(nil, e.Text[:e.Offset], false)
	return fmt.Sprintf("%s\n  %s\n  %s^%s", e.reason,
		appendSafe(nil, e.Text, false), strings.Repeat(" ", width(before)), strings.Repeat("~", max(width(e.Name)-1, 0)))
}

// ExitCode is that of wrong usage.
func (e *FieldError) ExitCode() int { return 2 }

// unknown finds out what is meant by a name that the command's scope lacks.
func unknown(it item, text string, table []field.Field, scope field.Scope) *FieldError {
	has := func(name string) bool {
		return slices.ContainsFunc(table, func(f field.Field) bool { return f.Name == name && f.Scope&scope != 0 })
	}
	e := &FieldError{Text: text, Offset: it.offset, Name: it.name}
	if i := slices.IndexFunc(table, func(f field.Field) bool { return f.Name == it.name }); i >= 0 {
		e.Scope = table[i].Scope
	}
	switch {
	case has("flow." + it.name):
		e.Use = "flow." + it.name
		e.reason = fmt.Sprintf("%q is a field of flows: here it is %s", it.name, e.Use)
	case e.Scope != 0 && e.Scope&scope == 0:
		e.reason = fmt.Sprintf("%q is a field of %s: see %s", it.name, rowsOf(e.Scope), commandOf(e.Scope))
	case wireshark[it.name] != "" && has(wireshark[it.name]):
		e.Use = wireshark[it.name]
		e.reason = fmt.Sprintf("%q is Wireshark's name for %s", it.name, e.Use)
	default:
		e.reason = fmt.Sprintf("unknown field %q", it.name)
		if e.Use = nearest(it.name, table, scope); e.Use != "" {
			e.reason += ", did you mean " + e.Use + "?"
		}
	}
	return e
}

func rowsOf(s field.Scope) string {
	switch {
	case s&field.Packet != 0:
		return "packets"
	case s&field.Flow != 0:
		return "flows"
	}
	return "groups"
}

func commandOf(s field.Scope) string {
	switch {
	case s&field.Packet != 0:
		return "pkt dump"
	case s&field.Flow != 0:
		return "pkt flows"
	}
	return "pkt top"
}

// nearest returns the name in the scope that is fewest edits away, "" if all
// are far. The last part of a dotted name counts as the name.
func nearest(name string, table []field.Field, scope field.Scope) string {
	best, most := "", 1+len(name)/3
	for i := range table {
		f := &table[i]
		if f.Scope&scope == 0 {
			continue
		}
		d := edits(name, f.Name)
		if dot := strings.LastIndexByte(f.Name, '.'); dot >= 0 {
			d = min(d, edits(name, f.Name[dot+1:])+1)
		}
		if d < most || d == most && best == "" {
			best, most = f.Name, d
		}
	}
	return best
}

// edits returns how many letters must be added, removed, changed or swapped
// with their neighbour to make b of a: the optimal string alignment distance.
func edits(a, b string) int {
	two, one, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(one[j+1]+1, row[j]+1, one[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], two[j-1]+1)
			}
		}
		two, one, row = one, row, two
	}
	return one[len(b)]
}

// wireshark holds names of Wireshark's display filters that pkt spells otherwise.
var wireshark = map[string]string{
	"frame.number":                "num",
	"frame.time":                  "ts",
	"frame.time_epoch":            "ts",
	"frame.len":                   "len",
	"frame.cap_len":               "caplen",
	"frame.interface_name":        "iface",
	"frame.protocols":             "layers",
	"frame.comment":               "comment",
	"_ws.col.info":                "info",
	"_ws.col.protocol":            "proto",
	"_ws.expert":                  "problems",
	"eth.src":                     "src_mac",
	"eth.dst":                     "dst_mac",
	"eth.addr":                    "mac",
	"vlan.id":                     "vlan",
	"eth.type":                    "eth_type",
	"arp.opcode":                  "arp.op",
	"arp.src.proto_ipv4":          "arp.sender_ip",
	"arp.dst.proto_ipv4":          "arp.target_ip",
	"ip.dsfield.dscp":             "dscp",
	"ip.dsfield.ecn":              "ecn",
	"ip.flags.df":                 "ip.df",
	"ip.src":                      "src_ip",
	"ip.dst":                      "dst_ip",
	"ip.addr":                     "host",
	"ip.host":                     "host",
	"ip.proto":                    "proto",
	"ip.ttl":                      "ttl",
	"ip.version":                  "ip_version",
	"ipv6.src":                    "src_ip",
	"ipv6.dst":                    "dst_ip",
	"ipv6.addr":                   "host",
	"ipv6.host":                   "host",
	"ipv6.nxt":                    "proto",
	"ipv6.hlim":                   "ttl",
	"icmpv6.type":                 "icmp.type",
	"icmpv6.code":                 "icmp.code",
	"vxlan.vni":                   "tunnel.id",
	"gtp.teid":                    "tunnel.id",
	"tcp.port":                    "port",
	"tcp.srcport":                 "src_port",
	"tcp.dstport":                 "dst_port",
	"tcp.stream":                  "flow_id",
	"tcp.len":                     "payload_len",
	"tcp.window_size":             "tcp.win",
	"tcp.window_size_value":       "tcp.win",
	"tcp.flags.str":               "tcp.flags_text",
	"tcp.analysis.retransmission": "tcp.retrans",
	"tcp.analysis.out_of_order":   "tcp.out_of_order",
	"tcp.analysis.initial_rtt":    "tcp.handshake_rtt_s",
	"tcp.analysis.ack_rtt":        "tcp.rtt_s",
	"tcp.options.mss_val":         "tcp.mss",
	"tcp.options.wscale.shift":    "tcp.wscale",
	"tcp.options.timestamp.tsval": "tcp.ts_val",
	"tcp.options.timestamp.tsecr": "tcp.ts_ecr",
	"udp.port":                    "port",
	"udp.srcport":                 "src_port",
	"udp.dstport":                 "dst_port",
	"udp.stream":                  "flow_id",
	"udp.length":                  "udp.len",
	"sctp.port":                   "port",
	"sctp.srcport":                "src_port",
	"sctp.dstport":                "dst_port",
}
