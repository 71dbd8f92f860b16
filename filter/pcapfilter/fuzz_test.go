package pcapfilter

import (
	"testing"

	"golang.org/x/net/bpf"
)

// seeds are expressions that between them use every primitive.
var seeds = []string{
	"", "tcp", "not tcp and (udp or icmp)", "tcp port 80 or 443 and not 22", "portrange 20-ssh", "src or dst portrange 7-1942",
	"host 10.1 and not net 192.168.0.0 mask 255.255.0.0", "ip6 net fe80::/10 or host ::ffff:1.2.3.4",
	"ether host 00:11:22:33:44:55", "ether[0] & 1 != 0", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
	"tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", "len / ip[0] % 3 ^ 5 = -1", "len > 100 and greater 5 or less 3",
	"vlan 100 and vlan and mpls 5 and mpls and ip", "pppoes 5 and pppoed or ip6 protochain 6", "geneve 5 and ether broadcast and geneve",
	"vxlan 7 or not (geneve and ip)", "iso proto \\isis or l1 or csnp", "decnet src 1.2", "llc rnr or llc s", "ip proto \\tcp",
	"wlan type mgt subtype beacon and dir tods", "wlan addr4 1:2:3:4:5:6 or wlan ra 1-2-3-4-5-6", "radio[3] = 1", "lane and vpi (1 or 2)",
	"hsio != 5 or opc < 7", "on eth0 and reason match or action pass", "link host $fe", "byte 5 | 3", "ifindex 3 or inbound",
	"atalk or ipx or stp or netbeui or aarp", "ip broadcast or ip6 multicast", "rarp host 1.2.3.4", "icmp6[icmp6type] == icmp6-echo",
	"(((", "1:2:", "host \\", "port 0x", "tcp[", "not", "$", "\xff", "vlan (", "len = 4294967296",
}

// fuzzLinks are the link types that fuzzing goes through.
var fuzzLinks = []uint16{1, 0, 7, 9, 10, 100, 101, 104, 105, 107, 113, 117, 119, 122, 123, 127, 130, 140, 163, 192, 226, 229, 240, 276}

// checkProgram fails if a program is not what every machine takes: jumps have
// to stay inside and paths to end, scratch memory has 16 words.
func checkProgram(t *testing.T, expr string, prog []bpf.RawInstruction) {
	for i, in := range prog {
		targets := []int{i + 1}
		switch {
		case in.Op == classJMP|jmpJA:
			targets[0] += int(int32(in.K))
		case in.Op&7 == classJMP:
			targets = []int{i + 1 + int(in.Jt), i + 1 + int(in.Jf)}
		case in.Op&7 == classRET:
			continue
		case in.Op&7 == classST || in.Op&7 == classSTX || in.Op == classLD|modeMEM || in.Op == classLDX|modeMEM:
			if in.K >= scratchWords {
				t.Fatalf("%q: scratch word %d", expr, in.K)
			}
		}
		for _, to := range targets {
			if to < 0 || to >= len(prog) {
				t.Fatalf("%q: instruction %d goes to %d of %d", expr, i, to, len(prog))
			}
		}
	}
}

// FuzzCompile compiles any text for any link type.
func FuzzCompile(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, uint8(i), i%2 == 0)
		f.Add(s, uint8(0), false)
	}
	f.Fuzz(func(t *testing.T, expr string, link uint8, live bool) {
		if len(expr) > 4096 {
			return
		}
		opt := Options{Link: fuzzLinks[int(link)%len(fuzzLinks)], Live: live}
		p, err := Compile(expr, opt)
		if err != nil {
			e := err.(*Error)
			if e.Pos < 0 || e.End < e.Pos || e.End > len(expr) || e.Msg == "" {
				t.Fatalf("%q: error %q at %d to %d", expr, e.Msg, e.Pos, e.End)
			}
			e.AppendCaret(nil)
			e.Hint()
			return
		}
		checkProgram(t, expr, p.Raw())
		p.Append(nil)
		p.Matcher().Match([]byte(expr), uint32(len(expr)))
	})
}

// FuzzMatch runs the programs of the seeds on any packet, in the Matcher, in
// the plain reference and, where it can, in the machine of x/net/bpf.
func FuzzMatch(f *testing.F) {
	type compiled struct {
		expr string
		p    *Program
		m    *Matcher
		vm   *bpf.VM
	}
	var all []compiled
	exprs := append([]string(nil), seeds...)
	for _, b := range benchFilters {
		exprs = append(exprs, b.expr)
	}
	for _, expr := range exprs {
		for _, link := range fuzzLinks {
			p, err := Compile(expr, Options{Link: link})
			if err != nil {
				continue
			}
			c := compiled{expr: expr, p: p, m: p.Matcher()}
			if code, ok := bpf.Disassemble(p.Raw()); ok && !p.UserSpaceOnly() {
				c.vm, _ = bpf.NewVM(code)
			}
			all = append(all, c)
		}
	}
	b := mixedFrames()
	for i := range 20 {
		f.Add(b.Frame(i))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, c := range all {
			got := c.m.Match(frame, uint32(len(frame)))
			if want := run(c.p.Raw(), frame, uint32(len(frame))); got != want {
				t.Errorf("%s: Matcher %v, reference %v\n%s", c.expr, got, want, c.p.Append(nil))
			}
			if c.vm == nil {
				continue
			}
			n, err := c.vm.Run(frame)
			if err == nil && (n != 0) != got {
				t.Errorf("%s: Matcher %v, x/net/bpf %v\n%s", c.expr, got, n != 0, c.p.Append(nil))
			}
		}
	})
}
