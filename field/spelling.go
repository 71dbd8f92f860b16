package field

import "strings"

// Nearest returns the name of the field of a scope that differs least from a
// misspelt one, "" if all are far. The last part of a dotted name counts as
// the name.
func Nearest(name string, table []Field, scope Scope) string {
	best, most := "", 1+len(name)/3
	for i := range table {
		f := &table[i]
		if f.Scope&scope == 0 {
			continue
		}
		d := Distance(name, f.Name)
		if dot := strings.LastIndexByte(f.Name, '.'); dot >= 0 {
			d = min(d, Distance(name, f.Name[dot+1:])+1)
		}
		if d < most || d == most && best == "" {
			best, most = f.Name, d
		}
	}
	return best
}

// Distance returns how many letters must be added, removed, changed or swapped
// with their neighbour to make b of a: the optimal string alignment distance.
func Distance(a, b string) int {
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

// Wireshark returns the name of the field that Wireshark's display filters call
// name, "" if pkt has none.
func Wireshark(name string) string { return wireshark[name] }

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
