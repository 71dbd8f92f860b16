//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"
)

// colour matches what SGR sequences look like.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// onTerminal runs the command with its output on a terminal of so many columns
// and returns the lines that it draws, with their colours.
func onTerminal(t *testing.T, columns uint16, env []string, args ...string) []string {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal:", err)
	}
	defer master.Close()
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command("pkt", args...)
	cmd.Env = quietEnv(append([]string{"TERM=xterm-256color"}, env...)...)
	cmd.Stdout, cmd.Stderr = slave, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	drawn, err := io.ReadAll(master)
	if err != nil && !errors.Is(err, syscall.EIO) { // EIO: the other end is closed
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, stderr.String())
	}
	return strings.Split(strings.TrimSuffix(string(drawn), "\r\n"), "\r\n")
}

// TestTerminalWidth draws every kind of table on a narrow and on a wide
// terminal: no line is longer than the terminal, and bars and colours are there.
func TestTerminalWidth(t *testing.T) {
	office := pcaps + "office/in.pcap"
	tables := []struct {
		name string
		args []string
		bars bool
	}{
		{"flows", []string{"flows", "-r", office}, false},
		{"flows of IPv6", []string{"flows", "-r", pcaps + "link-types/ipv6.pcap"}, false},
		{"flows, many columns", []string{"flows", "-r", office, "--fields", "+community_id,+history,+tcp.rtt_s,+flow_id"}, false},
		{"top", []string{"top", "-r", office}, true},
		{"top by host", []string{"top", "-r", office, "--by", "host", "--local", "10.1.20.0/24"}, true},
		{"top by four fields", []string{"top", "-r", office, "--by", "src_ip,dst_ip,src_port,dst_port"}, true},
		{"top by interval", []string{"top", "-r", office, "--interval", "30s"}, true},
		{"stats", []string{"stats", "-r", office}, true},
	}
	for _, columns := range []uint16{80, 200} {
		for _, table := range tables {
			t.Run(table.name, func(t *testing.T) {
				t.Parallel()
				lines := onTerminal(t, columns, nil, table.args...)
				text := strings.Join(lines, "\n")
				for _, line := range lines {
					if n := utf8.RuneCountInString(colour.ReplaceAllString(line, "")); n > int(columns) {
						t.Errorf("%d columns for %d: %q", n, columns, line)
					}
				}
				if !colour.MatchString(text) {
					t.Errorf("no colours:\n%s", text)
				}
				if strings.Contains(text, "█") != table.bars {
					t.Errorf("bars: want %v:\n%s", table.bars, text)
				}
			})
		}
	}
}

// TestTerminalHiddenColumns leaves columns out of a narrow terminal, the keys
// and the numbers last, and says so.
func TestTerminalHiddenColumns(t *testing.T) {
	args := []string{"flows", "-r", pcaps + "office/in.pcap", "--limit", "3"}
	lines := onTerminal(t, 80, nil, args...)
	footer := colour.ReplaceAllString(strings.Join(lines[len(lines)-2:], "\n"), "")
	if footer != "3 columns hidden: start, duration_s, service\n8 of 4,098 packets are in no flow: they are not IP" {
		t.Errorf("the last lines are %q", footer)
	}
	for _, title := range []string{"SOURCE", "DESTINATION", "SENT", "RECEIVED"} {
		if !strings.Contains(lines[0], title) {
			t.Errorf("%s is missing in %q", title, lines[0])
		}
	}
	lines = onTerminal(t, 200, nil, args...)
	if all := strings.Join(lines, "\n"); strings.Contains(all, "hidden") || !strings.Contains(all, "SERVICE") {
		t.Errorf("200 columns hide some:\n%s", all)
	}
}

// TestTerminalRowsAreThoseOfPipes draws the same rows on a terminal, but for
// colours, bars and columns that have no room.
func TestTerminalRowsAreThoseOfPipes(t *testing.T) {
	args := []string{"flows", "-r", pcaps + "conn-states/in.pcap"}
	drawn := colour.ReplaceAllString(strings.Join(onTerminal(t, 200, nil, args...), "\n")+"\n", "")
	if piped := pkt(t, args...).stdout; drawn != piped {
		t.Errorf("a terminal has\n%sa pipe has\n%s", drawn, piped)
	}
}

// TestTerminalWithoutColours obeys NO_COLOR, and draws in ASCII where the
// terminal or the locale can do no better.
func TestTerminalWithoutColours(t *testing.T) {
	args := []string{"top", "-r", pcaps + "office/in.pcap"}
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		text := strings.Join(onTerminal(t, 100, []string{env}, args...), "\n")
		if strings.Contains(text, "\x1b") {
			t.Errorf("%s: escape sequences in\n%s", env, text)
		}
	}
	for _, env := range []string{"TERM=dumb", "LANG=C"} {
		text := strings.Join(onTerminal(t, 100, []string{env}, args...), "\n")
		if i := strings.IndexFunc(text, func(r rune) bool { return r > 0x7e }); i >= 0 {
			t.Errorf("%s: %q", env, text[i:i+3])
		}
		if !strings.Contains(text, "#") {
			t.Errorf("%s: no bars in\n%s", env, text)
		}
	}
}
