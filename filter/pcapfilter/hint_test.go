package pcapfilter

import "testing"

func TestHint(t *testing.T) {
	for expr, want := range map[string]string{
		"tcp prot 80":          "port",
		"hots 10.0.0.1":        "host",
		"udp prt 53":           "port",
		"port 80 adn tcp":      "and",
		"(TCP or udp)":         "tcp",
		"brodcast":             "broadcast",
		"not (vlna 5)":         "vlan",
		"tcp and":              "",
		"foo bar":              "",
		"host www.example.org": "",
		"1 2":                  "",
		"port 80 )":            "",
	} {
		_, err := Compile(expr, Options{Link: 1})
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := e.Hint(); got != want {
			t.Errorf("%s: %q, want %q; %s", expr, got, want, e.Msg)
		}
	}
}
