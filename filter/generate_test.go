package filter

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"pkt/internal/pkttest"
)

// pair is an expression twice: as pkt has it, and as expr has it over v_NAME
// and h_NAME, the value of a field and whether a row has it.
type pair struct{ text, has, value string }

// generator makes random expressions in which types are right.
type generator struct{ *rand.Rand }

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// field returns a field as a pair.
func fieldPair(name string) pair {
	id := strings.ReplaceAll(name, ".", "_")
	return pair{name, "h_" + id, "v_" + id}
}

// number returns a whole number.
func (g *generator) number(depth int) pair {
	if depth == 0 || g.IntN(3) == 0 {
		return fieldPair(g.pick("len", "caplen", "src_port", "dst_port", "ttl", "num", "vlan", "payload_len", "tcp.win", "ip.id", "tcp.mss", "icmp.type", "arp.op", "tunnel.id", "ip_version"))
	}
	a := g.number(depth - 1)
	switch b := g.number(depth - 1); g.IntN(8) {
	case 0, 1:
		op := g.pick("+", "-", "*")
		return pair{"(" + a.text + " " + op + " " + b.text + ")", a.has + " && " + b.has, "(" + a.value + " " + op + " " + b.value + ")"}
	case 2:
		op := g.pick("min", "max")
		return pair{op + "(" + a.text + ", " + b.text + ")", a.has + " && " + b.has, op + "(" + a.value + ", " + b.value + ")"}
	case 3:
		return pair{"(" + a.text + " ?? " + b.text + ")", "(" + a.has + " || " + b.has + ")", "(" + a.has + " ? " + a.value + " : " + b.value + ")"}
	case 4:
		c := g.truth(depth - 1)
		return pair{"(" + c.text + " ? " + a.text + " : " + b.text + ")", "((" + c.value + ") ? (" + a.has + ") : (" + b.has + "))", "((" + c.value + ") ? " + a.value + " : " + b.value + ")"}
	case 5:
		w := g.pick("1", "7", "64", "1000")
		return pair{"bucket(" + a.text + ", " + w + ")", a.has, "floorTo(" + a.value + ", " + w + ")"}
	case 6:
		return pair{"abs(" + a.text + " - 100)", a.has, "abs(" + a.value + " - 100)"}
	}
	m := g.pick("3", "10", "256")
	return pair{"(" + a.text + " % " + m + ")", a.has, "(" + a.value + " % " + m + ")"}
}

// constant returns a number that fields are often equal to.
func (g *generator) constant() string {
	return g.pick("0", "1", "2", "6", "7", "53", "64", "80", "443", "1023", "1024", "40000", "65535", "-1", "100", "1500", "60", "4789")
}

func (g *generator) address() string {
	return g.pick("10.0.0.1", "10.0.0.2", "10.1.2.3", "192.0.2.200", "2001:db8::1", "2001:db8::2", "::1", "255.255.255.255")
}

func (g *generator) network() string {
	return g.pick("10.0.0.0/8", "10.0.0.0/31", "192.0.2.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8::/127", "10.0.0.1", "2001:db8::1")
}

// truth returns what is true or false. Its value says it all.
func (g *generator) truth(depth int) pair {
	if depth > 0 && g.IntN(2) == 0 {
		a, b := g.truth(depth-1), g.truth(depth-1)
		switch g.IntN(4) {
		case 0:
			return pair{text: "(" + a.text + " && " + b.text + ")", value: "((" + a.value + ") && (" + b.value + "))"}
		case 1:
			return pair{text: "(" + a.text + " || " + b.text + ")", value: "((" + a.value + ") || (" + b.value + "))"}
		case 2:
			return pair{text: "not (" + a.text + ")", value: "not (" + a.value + ")"}
		}
		c := g.truth(depth - 1)
		return pair{text: "(" + c.text + " ? " + a.text + " : " + b.text + ")", value: "((" + c.value + ") ? (" + a.value + ") : (" + b.value + "))"}
	}
	switch g.IntN(12) {
	case 0, 1:
		return g.comparison(depth)
	case 2:
		return g.address1()
	case 3:
		return g.inNetwork()
	case 4:
		f := fieldPair(g.pick("src_port", "dst_port", "len", "ttl"))
		lo := g.IntN(1000)
		hi := lo + g.IntN(1000) - 10
		return pair{text: fmt.Sprintf("%s in %d..%d", f.text, lo, hi), value: fmt.Sprintf("(%s && %s >= %d && %s <= %d)", f.has, f.value, lo, f.value, hi)}
	case 5:
		f, list := fieldPair(g.pick("src_port", "dst_port", "ttl", "vlan")), "["+g.constant()+", "+g.constant()+", "+g.constant()+"]"
		return pair{text: f.text + " in " + list, value: "(" + f.has + " && " + f.value + " in " + list + ")"}
	case 6:
		f := fieldPair(g.pick("proto", "tunnel.type", "iface", "tcp.flags_text", "link"))
		op, word := g.pick("==", "!=", "contains", "startsWith", "endsWith"), g.word(f.text)
		return pair{text: fmt.Sprintf("%s %s %q", f.text, op, word), value: fmt.Sprintf("(%s && %s %s %q)", f.has, f.value, op, word)}
	case 7:
		f := fieldPair(g.pick("tcp.flags.syn", "tcp.flags.ack", "tcp.flags.fin", "ip.df", "fragment"))
		return pair{text: f.text, value: "(" + f.has + " && " + f.value + ")"}
	case 8:
		f := fieldPair(g.pick("src_port", "vlan", "src_ip", "tcp.win", "tunnel.id", "arp.op", "iface"))
		return pair{text: "has(" + f.text + ")", value: f.has}
	case 9:
		c := g.constant()
		if g.IntN(2) == 0 {
			return pair{text: "port == " + c, value: "any(v_port, # == " + c + ")"}
		}
		op := g.pick("==", ">", "<=")
		return pair{text: "vlans " + op + " " + c, value: "any(v_vlans, # " + op + " " + c + ")"}
	case 10:
		c := g.constant()
		return pair{text: c + " in [src_port, dst_port]", value: fmt.Sprintf("(h_src_port && v_src_port == %s || h_dst_port && v_dst_port == %s)", c, c)}
	}
	a := g.address()
	return pair{text: fmt.Sprintf("host != %q", a), value: fmt.Sprintf("(len(v_host) > 0 && none(v_host, # == %q))", a)}
}

// comparison compares numbers.
func (g *generator) comparison(depth int) pair {
	a, op := g.number(depth), g.pick("==", "!=", "<", "<=", ">", ">=")
	if g.IntN(2) == 0 {
		b := g.number(depth)
		return pair{text: a.text + " " + op + " " + b.text, value: "(" + a.has + " && " + b.has + " && " + a.value + " " + op + " " + b.value + ")"}
	}
	c := g.constant()
	if g.IntN(3) == 0 {
		c += g.pick(".5", ".0")
	}
	return pair{text: a.text + " " + op + " " + c, value: "(" + a.has + " && " + a.value + " " + op + " " + c + ")"}
}

// address1 compares addresses.
func (g *generator) address1() pair {
	op, a := g.pick("==", "!="), g.address()
	switch g.IntN(4) {
	case 0:
		return pair{text: "src_ip " + op + " dst_ip", value: "(h_src_ip && v_src_ip " + op + " v_dst_ip)"}
	case 1:
		return pair{text: fmt.Sprintf("host == %q", a), value: fmt.Sprintf("any(v_host, # == %q)", a)}
	case 2:
		return pair{text: fmt.Sprintf("string(net(src_ip, 24)) %s string(net(dst_ip, 24, 64))", op), value: "(h_src_ip && net24(v_src_ip) " + op + " net24(v_dst_ip))"}
	}
	f := fieldPair(g.pick("src_ip", "dst_ip", "tunnel.src_ip"))
	return pair{text: fmt.Sprintf("%s %s %q", f.text, op, a), value: fmt.Sprintf("(%s && %s %s %q)", f.has, f.value, op, a)}
}

func (g *generator) inNetwork() pair {
	f, a, b := fieldPair(g.pick("src_ip", "dst_ip")), g.network(), g.network()
	return pair{
		text:  fmt.Sprintf("%s in [%q, %q]", f.text, a, b),
		value: fmt.Sprintf("(%s && (inNet(%s, %q) || inNet(%s, %q)))", f.has, f.value, a, f.value, b),
	}
}

func (g *generator) word(field string) string {
	switch field {
	case "proto":
		return g.pick("tcp", "udp", "icmp", "icmp6", "arp", "sctp", "gre", "other")
	case "tunnel.type":
		return g.pick("vxlan", "gre", "ipip")
	case "iface":
		return g.pick("eth0", "wlan0", "0", "e", "")
	}
	return g.pick("S", "S.", ".", "EN10MB", "")
}

// frames returns n random frames, some of them cut short or damaged.
func (g *generator) frames(n int) [][]byte {
	var out [][]byte
	for len(out) < n {
		for _, f := range g.packet() {
			switch g.IntN(8) {
			case 0:
				f = pkttest.Truncate(f, g.IntN(len(f)+1))
			case 1:
				f = pkttest.Corrupt(f, g.IntN(len(f)))
			}
			out = append(out, f)
		}
	}
	return out[:n]
}

// packet returns the frames of one random packet.
func (g *generator) packet() [][]byte {
	layers := []pkttest.Layer{pkttest.Ethernet{}}
	switch g.IntN(10) {
	case 0:
		layers = append(layers, pkttest.VLAN{ID: uint16(g.IntN(9))})
	case 1:
		layers = append(layers, pkttest.MPLS{Label: 5})
	case 2:
		return [][]byte{pkttest.Frame(layers[0], pkttest.ARP{SrcIP: "10.0.0.1", DstIP: "10.0.0.2"})}
	}
	layers = append(layers, g.ip()...)
	switch g.IntN(12) {
	case 0:
		layers = append(layers, pkttest.UDP{SrcPort: 9}, pkttest.VXLAN{VNI: 7}, pkttest.Ethernet{})
		layers = append(layers, g.ip()...)
	case 1:
		layers = append(layers, pkttest.GRE{})
		layers = append(layers, g.ip()...)
	case 2:
		layers = append(layers, g.ip()...)
	}
	layers = append(layers, g.transport(), pkttest.Zeros(g.IntN(200)))
	if g.IntN(8) == 0 {
		return pkttest.Fragments(8*(1+g.IntN(3)), 99, layers...)
	}
	return [][]byte{pkttest.Frame(layers...)}
}

func (g *generator) ip() []pkttest.Layer {
	ttl := uint8([]int{1, 64, 255}[g.IntN(3)])
	if g.IntN(3) == 0 {
		six := []pkttest.Layer{pkttest.IPv6{Src: g.pick("2001:db8::1", "::1"), Dst: "2001:db8::2", HopLimit: ttl}}
		switch g.IntN(5) {
		case 0:
			six = append(six, pkttest.DestOpts{1, 2, 0, 0})
		case 1:
			six = append(six, pkttest.AH{SPI: 1})
		}
		return six
	}
	four := pkttest.IPv4{Src: g.pick("10.0.0.1", "10.1.2.3", "192.0.2.200"), Dst: g.pick("10.0.0.2", "10.0.0.1"), TTL: ttl, DF: g.IntN(2) == 0}
	switch g.IntN(6) {
	case 0:
		four.Options = []byte{148, 4, 0, 0}
	case 1:
		return []pkttest.Layer{four, pkttest.AH{SPI: 1}}
	}
	return []pkttest.Layer{four}
}

func (g *generator) transport() pkttest.Layer {
	port := func() uint16 { return []uint16{53, 80, 443, 1023, 1024, 4789, 40000, 65535}[g.IntN(8)] }
	switch g.IntN(6) {
	case 0, 1, 2:
		t := pkttest.TCP{SrcPort: port(), DstPort: port(), Flags: uint16(g.IntN(64)), Window: uint16(g.IntN(3) * 30000)}
		if g.IntN(3) == 0 {
			t.Options = pkttest.Options(pkttest.MSS(1460))
		}
		return t
	case 3:
		return pkttest.UDP{SrcPort: port(), DstPort: port()}
	case 4:
		return pkttest.ICMP{Type: uint8(g.IntN(3) * 4)}
	}
	return pkttest.SCTP{SrcPort: port(), DstPort: port()}
}
