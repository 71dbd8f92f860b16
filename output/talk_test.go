package output

import (
	"bytes"
	"strings"
	"testing"
)

// say prints a conversation in which lines, characters and turns are cut anywhere.
func say(opt Options, hex bool) string {
	var b bytes.Buffer
	t := NewTalk(&b, opt, hex)
	t.Flow("10.0.0.1:1 → 10.0.0.2:80", "tcp · http")
	t.Turn(false, 1_700_000_000e9, 12)
	t.Bytes(false, 0, []byte("GET \xc3"))
	t.Bytes(false, 5, []byte("\xa9\x1b[31m\r"))
	t.Bytes(false, 12, []byte("\n\tend"))
	t.Missing(false, 1500)
	t.Turn(true, 1_700_000_001e9, -1)
	t.Bytes(true, 0, []byte("no line end\r"))
	t.Match(true, 1_700_000_001e9, 1234, []byte("pass: "), []byte("s\x00cret"), []byte(" x"))
	t.Line("no streams")
	t.Close()
	return b.String()
}

func TestTalk(t *testing.T) {
	want := `10.0.0.1:1 → 10.0.0.2:80  tcp · http
> 2023-11-14 22:13:20.000  12 B
GET é.[31m
	end
> [1,500 bytes missing]
< 2023-11-14 22:13:21.000
no line end.
< 2023-11-14 22:13:21.000  at 1,234
  pass: [s.cret] x
no streams
`
	if got := say(Options{}, false); got != want {
		t.Errorf("have\n%s\nwant\n%s", got, want)
	}
	if got := say(Options{ASCII: true}, false); !strings.HasPrefix(got, "10.0.0.1:1 -> 10.0.0.2:80  tcp - http\n") || strings.Contains(got, "é") {
		t.Errorf("in ASCII:\n%s", got)
	}
	// Colours say nothing of their own, and end with each line.
	colored := say(Options{Color: true}, false)
	for line := range strings.Lines(colored) {
		if i := strings.LastIndex(line, "\x1b["); i >= 0 && !strings.HasPrefix(line[i:], "\x1b[0m") {
			t.Errorf("%q does not end what it began", line)
		}
	}
	// Raw escape sequences of the network never get through.
	if strings.Contains(colored, "\x1b[31m\r") {
		t.Errorf("%q", colored)
	}
}

func TestTalkHex(t *testing.T) {
	got := say(Options{}, true)
	for _, line := range []string{
		"> 00000000  47 45 54 20 c3                                    |GET .|\n",
		"< 00000000  6e 6f 20 6c 69 6e 65 20  65 6e 64 0d              |no line end.|\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	for line := range strings.Lines(got) {
		if len(line) > 81 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}
