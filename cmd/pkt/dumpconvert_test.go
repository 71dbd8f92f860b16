package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// others are programs that read captures, with what they print of each packet: its
// time in nanoseconds and its lengths, or what is in it.
var others = []struct {
	name string
	args []string // the capture comes behind
}{
	{"tshark", []string{"-n", "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.cap_len", "-e", "frame.len", "-r"}},
	{"tcpdump", []string{"-nn", "-tt", "--nano", "-x", "-r"}},
}

// othersRead returns what the programs that are installed print of a capture. With
// micro, times are cut to microseconds.
func othersRead(t *testing.T, path string, micro bool) (texts []string) {
	t.Helper()
	for _, o := range others {
		program, err := exec.LookPath(o.name)
		if err != nil {
			continue
		}
		out, err := exec.Command(program, append(o.args, path)...).Output()
		if err != nil {
			t.Fatalf("%s of %s: %v", o.name, path, err)
		}
		var text strings.Builder
		for line := range strings.Lines(string(out)) {
			if at := strings.IndexByte(line, '.'); micro && at == 10 && len(line) > at+10 {
				line = line[:at+7] + "000" + line[at+10:]
			}
			text.WriteString(line)
		}
		texts = append(texts, text.String())
	}
	return texts
}

// TestConvert writes captures in each format and resolution: others read the same
// packets of all of them.
func TestConvert(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	convert := func(in, name string, args ...string) string {
		t.Helper()
		out := filepath.Join(dir, name)
		cmd := exec.Command("pkt", append([]string{"dump", "-r", in, "-w", out}, args...)...)
		cmd.Env = quietEnv()
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s to %s: %v: %s", in, name, err, b)
		}
		return out
	}
	shift := func(in string) string { // times that have nanoseconds
		editcap, err := exec.LookPath("editcap")
		if err != nil {
			return in
		}
		out := filepath.Join(dir, "shifted.pcapng")
		if b, err := exec.Command(editcap, "-F", "nsecpcap", "-t", "0.000000123", in, out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		return out
	}
	short := convert(pcaps+"office/in.pcap", "short.pcap", "-c", "200")
	if len(othersRead(t, short, false)) == 0 {
		t.Skip("neither tshark nor tcpdump is installed")
	}
	for _, in := range []string{shift(short)} {
		fine, coarse := othersRead(t, in, false), othersRead(t, in, true)
		for _, name := range []string{"a.pcap", "a.pcapng"} {
			compare := func(path string, want []string) {
				t.Helper()
				for i, text := range othersRead(t, path, false) {
					if text != want[i] {
						t.Errorf("%s to %s: %s reads something else", in, filepath.Base(path), others[i].name)
					}
				}
			}
			compare(convert(in, name), fine)
			nano := convert(in, "nano-"+name, "--time-stamp-precision", "nano")
			compare(nano, fine)
			compare(convert(nano, "micro-"+name, "--time-stamp-precision", "micro"), coarse)
		}
	}
}
