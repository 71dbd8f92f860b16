package content

import (
	"net/netip"
	"path"
	"strings"
	"testing"
	"time"
)

var aboutV6 = About{
	Src: netip.MustParseAddrPort("[2001:db8::1]:443"), Dst: netip.MustParseAddrPort("[fe80::1%eth0]:50000"),
	Proto: "tcp", Side: "client", FlowID: "0123456789abcdef", Start: time.Unix(1700000000, 5000), VLAN: "",
}

func TestName(t *testing.T) {
	about := About{Src: netip.MustParseAddrPort("10.0.0.1:40000"), Dst: netip.MustParseAddrPort("10.0.0.2:80"), Proto: "tcp", Side: "server", FlowID: "f", Start: time.Unix(0, 0)}
	for _, c := range []struct{ template, want string }{
		{DefaultName, "10.0.0.1.40000-10.0.0.2.80"},
		{"{proto}/{side}/{flow_id}", "tcp/server/f"},
		{"x-{start}", "x-19700101T000000.000000"},
		{"a{vlan}", "a"},
		{"{vlan}/{vlan}x", "_/x"},
	} {
		parsed, err := ParseTemplate(c.template)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		if got := parsed.Name(&about); got != c.want {
			t.Errorf("%s: have %s, want %s", c.template, got, c.want)
		}
	}
	parsed, _ := ParseTemplate(DefaultName)
	if got := parsed.Name(&aboutV6); got != "2001_db8__1.443-fe80__1%eth0.50000" {
		t.Error(got)
	}
	for _, bad := range []string{"", "/x", "x/", "../x", "a/../b", ".", "a//b", "{nothing}", "{src_ip", "a b", "a\x00b", "a:b", "ä", "{src_ip}}", "a\\b", "..", "a/.", "~/{side}\n"} {
		if parsed, err := ParseTemplate(bad); err == nil {
			t.Errorf("%q is taken, and names %s", bad, parsed.Name(&aboutV6))
		}
	}
}

// FuzzName holds that no template, and no value, names anything but a file below the folder.
func FuzzName(f *testing.F) {
	f.Add(DefaultName, "tcp", "x")
	f.Add("{proto}/{vlan}", "../..", "..")
	f.Add("..{vlan}/a", "", "")
	f.Fuzz(func(t *testing.T, template, proto, vlan string) {
		parsed, err := ParseTemplate(template)
		if err != nil {
			return
		}
		about := aboutV6
		about.Proto, about.VLAN, about.FlowID, about.Side = proto, vlan, vlan+proto, proto+"/"+vlan
		name := parsed.Name(&about)
		if name == "" || path.IsAbs(name) || path.Clean(name) != name || name == "." || strings.HasPrefix(name, "../") || name == ".." {
			t.Errorf("%q names %q", template, name)
		}
		for _, part := range strings.Split(name, "/") {
			if len(part) > maxName || strings.Trim(part, ".") == "" || strings.IndexFunc(part, unsafe) >= 0 {
				t.Errorf("%q names %q", template, name)
			}
		}
	})
}
