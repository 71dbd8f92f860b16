package filter

import (
	"sync"
	"testing"
)

// TestOperators holds every operator to every kind of value: the positions of
// the frames of ordinary that match.
func TestOperators(t *testing.T) {
	b := batchOf(1, ordinary()...)
	tests := []struct{ text, want string }{
		{`true`, "01234567"},
		{`false`, ""},
		{`1 < 2 && "a" == "a"`, "01234567"},
		{`not true`, ""},
		// Whole numbers.
		{`dst_port == 443`, "0"},
		{`443 == dst_port`, "0"},
		{`dst_port != 443`, "1236"},
		{`not (dst_port == 443)`, "1234567"},
		{`len > 100`, "136"},
		{`100 < len`, "136"},
		{`len >= 154`, "13"},
		{`len <= 53`, "257"},
		{`len < 42`, ""},
		{`len > 99.5 && len < 1e3`, "16"},
		{`ttl == 64.5`, ""},
		{`ttl != 64.5`, "0123467"},
		{`ttl == -1`, ""},
		{`ttl > -1`, "0123467"},
		{`dst_port in [80, 443]`, "03"},
		{`dst_port in 1..1023`, "0236"},
		{`dst_port in [1..60, 443, 40000..70000]`, "0126"},
		{`dst_port not in [80]`, "0124567"},
		{`1 < dst_port < 60`, "26"},
		{`len in [41, 42, 1000000]`, "57"},
		{`num in [2, 100000, 3..3]`, "12"},
		{`dst_port == 0x1bb`, "0"},
		// Quantities.
		{`len > 1kB`, "3"},
		{`len > 0.1kB`, "136"},
		{`len > 1KiB`, "3"},
		{`len > 1k`, "3"},
		{`num > 0.004k`, "4567"},
		// Addresses and networks.
		{`src_ip == "10.0.0.1"`, "0126"},
		{`src_ip != "10.0.0.1"`, "347"},
		{`src_ip in "10.0.0.0/8"`, "0126"},
		{`src_ip in "0.0.0.0/0"`, "01267"},
		{`src_ip in "::/0"`, "34"},
		{`src_ip in "2001:db8::/32"`, "34"},
		{`src_ip in "2001:db8::/127"`, "34"},
		{`src_ip in ["192.0.2.0/24", "2001:db8::1"]`, "347"},
		{`dst_ip not in "10.0.0.0/8"`, "345"},
		{`src_ip == dst_ip`, ""},
		{`src_ip != dst_ip`, "0123467"},
		{`net(src_ip, 24) == "10.0.0.0/24"`, "0126"},
		{`net(src_ip, 24) in "192.0.0.0/8"`, "7"},
		{`net(src_ip, 8) == net(dst_ip, 8)`, "012346"},
		{`net(host, 24) == "10.1.2.0/24"`, "7"},
		{`bucket(vlans, 8) == 8`, "4"},
		{`src_mac == "02:00:0a:00:00:01"`, "012"},
		{`mac == "02-00-c0-00-02-c8"`, "7"},
		// Lists.
		{`host == "10.0.0.2"`, "0126"},
		{`"10.0.0.2" in host`, "0126"},
		{`host != "10.0.0.2"`, "347"},
		{`host in "10.1.0.0/16"`, "7"},
		{`vlans == 8`, "4"},
		{`8 in vlans`, "4"},
		{`vlan in vlans`, "4"},
		{`vlans > 7`, "4"},
		{`len(vlans) == 2`, "4"},
		{`layers == "vxlan"`, "6"},
		{`layers contains "vlan"`, "4"},
		{`443 in [src_port, dst_port]`, "01"},
		{`"10.0.0.8" in [arp.target_ip, src_ip]`, "5"},
		// Names.
		{`proto == "tcp"`, "013"},
		{`proto != "tcp"`, "24567"},
		{`proto in ["udp", "arp"]`, "256"},
		{`proto startsWith "icmp"`, "47"},
		{`proto matches "^(tc|ud)p$"`, "01236"},
		{`tunnel.type == "vxlan"`, "6"},
		// Text.
		{`iface == "eth0"`, "0246"},
		{`iface != "eth0"`, "1357"},
		{`iface in ["wlan0", "x"]`, "1357"},
		{`iface startsWith "w"`, "1357"},
		{`iface endsWith "0" && iface contains "th"`, "0246"},
		{`iface matches "^w.*[0-9]$"`, "1357"},
		{`iface < "f"`, "0246"},
		{`iface == file`, ""},
		{`iface + "/" + proto == "eth0/tcp"`, "0"},
		{`len(iface) == 5`, "1357"},
		{`string(src_ip) endsWith ".1"`, "0126"},
		{`string(dst_port) == "443"`, "0"},
		// True or false.
		{`tcp.flags.syn && !tcp.flags.ack`, "0"},
		{`not tcp.flags.syn`, "234567"},
		{`tcp.flags.syn == false`, "3"},
		{`tcp.flags.syn == tcp.flags.ack`, "1"},
		{`(ttl == 1) == true`, "7"},
		{`fragment`, ""},
		// Times.
		{`ts > "2025-11-24T16:00:00.003Z"`, "4567"},
		{`ts >= "2025-11-24 16:00:00.007"`, "7"},
		{`ts < "2025-11-24"`, ""},
		{`second(ts) == "2025-11-24T16:00:00Z"`, "01234567"},
		{`ts - second(ts) > 5ms`, "67"},
		{`ts - 5ms >= second(ts)`, "567"},
		// Arithmetic.
		{`len - caplen == 0`, "01234567"},
		{`src_port - dst_port < 0`, "16"},
		{`-ttl == -1`, "7"},
		{`len * 8 / 2 >= 4000`, "3"},
		{`dst_port % 10 == 3`, "02"},
		{`len % (ttl - 64) == 0`, ""},
		{`bucket(len, 64) == 1024`, "3"},
		{`max(src_port, dst_port) == 40000`, "01"},
		{`min(src_port, dst_port, 100) == 100`, "01"},
		{`abs(src_port - dst_port) < 10`, "6"},
		{`2 ** 3 == 8`, "01234567"},
		// Absence.
		{`has(vlan)`, "4"},
		{`has(vlans) && !has(src_port)`, "4"},
		{`dst_port > 0 || !has(dst_port)`, "01234567"},
		{`(dst_port ?? 0) == 0`, "457"},
		{`not (vlan == 7) && not has(tcp.win)`, "2567"},
		{`vlan == 7 ? true : len > 1000`, "34"},
		{`(tcp.flags.syn ? src_port : dst_port) == 40000`, "0"},
		// What only expr's VM knows.
		{`upper(iface) == "ETH0"`, "0246"},
		{`any(vlans, # > 7 && src_ip in "2001:db8::/32")`, "4"},
		{`len(filter(vlans, # > 7)) == 1`, "4"},
		{`vlans[1] == 8`, "4"},
		{`let p = dst_port; p > 50 && p < 60`, "2"},
		{`ts.Year() == 2025`, "01234567"},
		{`ts.Weekday().String() == "Monday" && ts.Month() == 11`, "01234567"},
		{`all(host, # startsWith "10.")`, "01256"},
		{`split(string(src_ip), ".")[3] == "200"`, "7"},
		{`tcp.flags_text | lower() == "s"`, "0"},
	}
	for _, tt := range tests {
		if got := matching(t, tt.text, b); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// TestClones: clones of a predicate run, and are made, at the same time.
func TestClones(t *testing.T) {
	b := batchOf(1, ordinary()...)
	p, err := Compile(`iface in ["eth0", "x"] && dst_port in [443, 53] && lower(iface) == "eth0"`, packets())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			q := p.Clone()
			if got := q.Filter(b, b.All()); got.Len() != 2 {
				t.Errorf("%d packets", got.Len())
			}
		})
	}
	wg.Wait()
}
