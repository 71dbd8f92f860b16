//go:build unix

package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"pkt/internal/pkttest"
)

var updateScreens = flag.Bool("update-screens", false, "write the screens that tests compare with anew")

// screenRun is pkt top with a replayed input on a pseudo-terminal.
type screenRun struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File // stays open, so that what it is set to can be asked at the end
	term   *pkttest.Terminal
	before *term.State
	joined sync.WaitGroup
}

// onScreen starts it.
func onScreen(t *testing.T, width, height int, env []string, args ...string) *screenRun {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal:", err)
	}
	s := &screenRun{t: t, master: master, slave: slave, term: pkttest.NewTerminal(width, height)}
	s.resize(width, height)
	if s.before, err = term.GetState(int(slave.Fd())); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command("pkt-replay", append([]string{"top"}, args...)...)
	s.cmd.Env = quietEnv(append([]string{"TERM=xterm-256color"}, env...)...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.joined.Go(func() {
		buf := make([]byte, 1<<14)
		for {
			n, err := master.Read(buf)
			s.term.Write(buf[:n])
			if err != nil {
				return
			}
		}
	})
	kill := time.AfterFunc(patience, func() { s.cmd.Process.Kill() })
	t.Cleanup(func() {
		kill.Stop()
		s.cmd.Process.Kill()
		s.cmd.Wait()
		slave.Close()
		master.Close()
		s.joined.Wait()
	})
	return s
}

func (s *screenRun) resize(width, height int) {
	s.t.Helper()
	s.term.Resize(width, height)
	if err := pty.Setsize(s.master, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screenRun) keys(text string) {
	s.t.Helper()
	if _, err := s.master.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// await waits until the screen is as it should be.
func (s *screenRun) await(what string, is func(screen string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(patience / 2); ; time.Sleep(20 * time.Millisecond) {
		screen := s.term.String()
		if is(screen) {
			return screen
		}
		if time.Now().After(end) {
			s.t.Fatalf("no %s on the screen:\n%s", what, screen)
		}
	}
}

// shows waits until all the texts are to be seen.
func (s *screenRun) shows(texts ...string) string {
	s.t.Helper()
	return s.await(strings.Join(texts, ", "), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// left waits for the end of the program, whose terminal has to be as it was.
func (s *screenRun) left() int {
	s.t.Helper()
	s.cmd.Wait()
	// What it wrote last may still be on its way.
	s.await("normal screen", func(string) bool { return s.term.Restored() })
	after, err := term.GetState(int(s.slave.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	if *after != *s.before {
		s.t.Errorf("the terminal is not set as it was before: %+v, was %+v", after, s.before)
	}
	if len(s.term.Unknown) > 0 {
		s.t.Errorf("sequences that the test's terminal does not know: %q", s.term.Unknown)
	}
	return exitOf(s.cmd)
}

// golden waits until the screen is the one that is kept.
func (s *screenRun) golden(name string, shows ...string) {
	s.t.Helper()
	path := filepath.Join("testdata", "screens", name+".txt")
	if *updateScreens {
		s.shows(shows...)
		time.Sleep(time.Second) // it is drawn in parts
		if err := os.WriteFile(path, []byte(strings.TrimRight(s.term.String(), "\n")+"\n"), 0o644); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.await("screen\n"+string(want), func(screen string) bool { return strings.TrimRight(screen, "\n")+"\n" == string(want) })
}

// last is the end of the replayed traffic on the screen's clock.
const last = "00:00:12"

func TestScreens(t *testing.T) {
	sizes := []struct {
		name          string
		width, height int
	}{{"80x24", 80, 24}, {"200x50", 200, 50}}
	for _, size := range sizes {
		for _, by := range []string{"port", "flow"} {
			t.Run(by+" "+size.name, func(t *testing.T) {
				t.Parallel()
				s := onScreen(t, size.width, size.height, nil, "--by", by, "--quiet")
				s.golden(by+"-rates-"+size.name, last, "quit")
				s.keys("t")
				s.golden(by+"-totals-"+size.name, "BYTES", "t rates")
				s.keys("q")
				if code := s.left(); code != 0 {
					t.Errorf("exit code %d", code)
				}
				s.golden(by+"-left-"+size.name, "total")
			})
		}
	}
}

// lineWith returns the line of a screen that has a text in it.
func lineWith(screen, text string) string {
	for line := range strings.Lines(screen) {
		if strings.Contains(line, text) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return ""
}

func TestScreenGroups(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 100, 24, nil)
	s.shows(last)
	s.keys("b")
	s.golden("menu-100x24", "Group by", "remote_ip")
	s.keys("\x1b[A\x1b[B\r") // up, down: host stands below port
	s.shows("by host", "HOST")
	s.keys("b")
	s.keys("net(dst_ip, 24), nosuch\r")
	wrong := s.shows("unknown field", "^^^^^^")
	if !strings.Contains(wrong, "group by: net(dst_ip, 24), nosuch") {
		t.Errorf("the text is gone:\n%s", wrong)
	}
	s.keys("\x17\x17\x17\x17local_port\r") // ctrl+w
	s.shows("by local_port", "LOCAL_PORT", "since 00:00:12")
	s.keys("q")
	s.left()
	s.shows("total", "since 00:00:12")
}

func TestScreenFilters(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 100, 24, nil)
	s.shows(last)
	s.keys("/tcp prot 80\r")
	s.shows("syntax error", "^^")
	s.keys("\x15len > 100 && nosuch == 1\r") // ctrl+u
	s.shows(`unknown field "nosuch"`, "^^^^^^")
	s.keys("\x15tcp.retrans\r")
	s.shows("retransmissions", "start pkt top with this")
	s.keys("\x15udp or tcp port 22\r")
	s.shows("only udp or tcp port 22")
	s.keys("/\x15dst_port == 443 && len > 1kB\r")
	s.shows("only dst_port == 443 && len > 1kB")
	s.keys("/\x15\r")
	s.await("filter", func(screen string) bool { return !strings.Contains(screen, "only") })
	s.keys("/port 1")
	s.shows("filter: port 1")
	s.keys("\x1b")
	s.await("table", func(screen string) bool { return !strings.Contains(screen, "filter: ") })
	s.keys("q")
	s.left()
}

func TestScreenOpens(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 100, 24, nil)
	s.shows(last)
	s.keys("\x1b[B\r")
	s.shows("pkt top › 31337/tcp by flow", "esc back")
	s.keys("b\x15remote_ip\r")
	s.shows("pkt top › 31337/tcp by remote_ip")
	s.keys("\x1b")
	s.await("way back", func(screen string) bool { return strings.HasPrefix(screen, "pkt top by port") })
	if row := lineWith(s.term.String(), "443/tcp"); !strings.Contains(row, "193 kbit/s") {
		t.Errorf("the ranking did not go on: %q", row)
	}
	s.keys("q")
	s.left()
}

// TestScreenSorts orders by columns, and keeps the chosen row.
func TestScreenSorts(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 160, 24, nil)
	s.shows(last)
	first := func(want string) {
		t.Helper()
		s.await("first row "+want, func(screen string) bool {
			lines := strings.Split(screen, "\n")
			for i, line := range lines {
				if strings.HasPrefix(line, " PORT") {
					return strings.Contains(lines[i+1], want)
				}
			}
			return false
		})
	}
	first("443/tcp")
	s.keys("T")
	first("31337/tcp")
	s.keys("r")
	first("53/udp")
	s.keys("\x1b[D\x1b[D\x1b[D") // left to FLOWS, SERVICE, PORT
	s.shows("PORT ▲")
	s.keys("0")
	first("443/tcp")
	s.shows("10 S ▼")
	s.keys("u")
	s.shows("22.7 kB/s")
	s.keys("ti")
	s.shows("KiB")
	s.keys("?")
	s.shows("Keys", "Sort by", "any key: back")
	s.keys("xp")
	s.shows("PAUSED", "go on")
	s.keys("q")
	s.left()
}

func TestScreenResizes(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 80, 24, nil)
	s.shows(last, "4 columns hidden")
	for _, size := range [][2]int{{200, 50}, {40, 12}, {20, 5}, {8, 3}, {1, 1}, {120, 30}} {
		s.resize(size[0], size[1])
		if size[0] < 40 {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		s.await("screen of the size", func(screen string) bool {
			lines := strings.Split(screen, "\n")
			return strings.Contains(lines[0], "pkt top") && strings.HasPrefix(lines[len(lines)-1], "b group") &&
				lineWith(screen, "complete: ") != ""
		})
	}
	s.keys("q")
	s.left()
}

// TestScreenEnds leaves the terminal as it was, whatever ends the run, with the
// totals on it.
func TestScreenEnds(t *testing.T) {
	ends := []struct {
		name string
		end  func(s *screenRun)
	}{
		{"q", func(s *screenRun) { s.keys("q") }},
		{"ctrl+c", func(s *screenRun) { s.keys("\x03") }},
		{"SIGINT", func(s *screenRun) { s.cmd.Process.Signal(syscall.SIGINT) }},
		{"SIGTERM", func(s *screenRun) { s.cmd.Process.Signal(syscall.SIGTERM) }},
		{"SIGHUP", func(s *screenRun) { s.cmd.Process.Signal(syscall.SIGHUP) }},
		{"SIGQUIT", func(s *screenRun) { s.cmd.Process.Signal(syscall.SIGQUIT) }},
		{"in the menu", func(s *screenRun) { s.keys("b\x03") }},
	}
	for _, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s := onScreen(t, 80, 24, nil)
			s.shows(last)
			e.end(s)
			if code := s.left(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			s.shows("TX PEAK", "1,200 packets, 549 kB")
		})
	}
}

// TestScreenDuration ends with the run, and prints all the rows that are asked
// for.
func TestScreenDuration(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 100, 24, nil, "--duration", "5s", "--limit", "2", "--sort", "-packets")
	if code := s.left(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.shows("other (3)", "5.10 s")
}

// TestScreenFlags takes the order and the columns from the command line.
func TestScreenFlags(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 80, 24, nil, "--sort", "bps_2s", "--fields", "port,bps_2s,packets", "--limit", "4")
	screen := s.shows(last, "2 S ▲", "PKTS", "other (1)")
	if first := strings.Split(screen, "\n")[4]; !strings.Contains(first, "53/udp") {
		t.Errorf("the first row is %q", first)
	}
	s.keys("q")
	s.left()
}

// TestScreenPanics restores the terminal before the panic is told.
func TestScreenPanics(t *testing.T) {
	t.Parallel()
	s := onScreen(t, 80, 40, []string{"REPLAY_PANIC=5"})
	if code := s.left(); code != 2 {
		t.Errorf("exit code %d, want that of a panic", code)
	}
	s.await("panic behind the screen", func(string) bool {
		_, behind, _ := bytes.Cut(s.term.Seen(), []byte("\x1b[?1049l"))
		return bytes.Contains(behind, []byte("panic: the input breaks")) && bytes.Contains(behind, []byte("replay).Next"))
	})
}

// TestScreenPlain draws without colours and in ASCII where that is asked for.
func TestScreenPlain(t *testing.T) {
	for _, env := range []string{"LANG=C", "NO_COLOR=1"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			s := onScreen(t, 80, 24, []string{env}, "--quiet")
			s.shows(last, "quit")
			if env == "LANG=C" {
				s.golden("ascii-80x24", last, "quit")
			}
			s.keys("q")
			s.left()
			colours := colour.FindAll(s.term.Seen(), -1)
			if env == "NO_COLOR=1" {
				for _, c := range colours {
					if string(c) != "\x1b[m" && string(c) != "\x1b[0m" {
						t.Errorf("an attribute: %q", c)
					}
				}
			} else if len(colours) == 0 {
				t.Error("no attributes")
			}
		})
	}
}
