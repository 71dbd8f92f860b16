package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pkt/internal/pkttest"
)

// fileSum returns the SHA-256 of a file.
func fileSum(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// writeConns writes conversations to a capture and returns its path.
func writeConns(t *testing.T, list ...*pkttest.Conn) string {
	t.Helper()
	var all [][]pkttest.Packet
	for _, c := range list {
		all = append(all, c.Packets)
	}
	path := filepath.Join(t.TempDir(), "in.pcap")
	if err := os.WriteFile(path, pkttest.Pcap{Link: 1, Packets: pkttest.Merge(all...)}.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// webConn is a connection with one exchange, of which a segment of the answer is lost.
func webConn(port int) *pkttest.Conn {
	c := pkttest.Dial(1_700_000_000e9, fmt.Sprintf("10.0.0.1:%d", port), "10.0.0.2:80").Handshake()
	c.MSS = 100
	c.Client.Send([]byte("GET /secret.txt HTTP/1.1\r\nHost: example.org\r\n\r\n"))
	c.Server.Segment([]byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n\r\nold pass"), false)
	c.Lose(func() { c.Server.Segment([]byte("word"), false) })
	c.Server.Segment([]byte(" is gone"), true)
	c.Client.ACK()
	return c.Close()
}

// gzipped returns text compressed.
func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readIndex returns the rows of a folder's index.
func readIndex(t *testing.T, dir string) (index []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err, string(text))
	}
	return index
}

func TestStreamsGaps(t *testing.T) {
	in := writeConns(t, webConn(40000))
	for gaps, want := range map[string]string{
		"zero": "old pass\x00\x00\x00\x00 is gone", "skip": "old pass is gone", "marker": "old pass[4 bytes missing] is gone", "fail": "old pass",
	} {
		dir := filepath.Join(t.TempDir(), "out")
		r := pkt(t, "streams", "-r", in, "--dir", dir, "--gaps", gaps)
		code := exitOK
		if gaps == "fail" {
			code = exitFailed
			if !strings.Contains(r.stderr, "4 bytes are missing at offset 73") {
				t.Errorf("%s: %s", gaps, r.stderr)
			}
		}
		if r.code != code {
			t.Errorf("%s: exit code %d: %s", gaps, r.code, r.stderr)
		}
		got, err := os.ReadFile(filepath.Join(dir, "10.0.0.2.80-10.0.0.1.40000"))
		if err != nil || !bytes.HasSuffix(got, []byte("\r\n\r\n"+want)) {
			t.Errorf("%s: %q %v", gaps, got, err)
		}
		raw := pkt(t, "streams", "-r", in, "-o", "raw", "--side", "server", "--gaps", gaps)
		if raw.stdout != string(got) || raw.code != code {
			t.Errorf("%s: raw has %q, the file %q, exit code %d", gaps, raw.stdout, got, raw.code)
		}
		for _, row := range readIndex(t, dir) {
			if row["side"] == "server" && fmt.Sprint(row["gaps"]) != "[[73 4]]" {
				t.Errorf("%s: gaps %v", gaps, row["gaps"])
			}
		}
	}
}

// TestStreamsFaults writes where it cannot: one clear line, and nothing else is lost.
func TestStreamsFaults(t *testing.T) {
	in := writeConns(t, webConn(40000), webConn(40001))
	t.Run("names that collide", func(t *testing.T) {
		dir := t.TempDir()
		if r := pkt(t, "streams", "-r", in, "--dir", dir, "--name", "x"); r.code != exitOK {
			t.Fatal(r.stderr)
		}
		for _, name := range []string{"x", "x-2", "x-3", "x-4", "index.json"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		if n := len(readIndex(t, dir)); n != 4 {
			t.Errorf("%d rows", n)
		}
		if r := pkt(t, "streams", "-r", in, "--dir", dir); r.code == exitOK || !strings.Contains(r.stderr, "earlier run") {
			t.Errorf("the same folder again: exit code %d, %s", r.code, r.stderr)
		}
	})
	t.Run("a name of the index", func(t *testing.T) {
		dir := t.TempDir()
		if r := pkt(t, "streams", "-r", in, "--dir", dir, "--name", "index.json"); r.code != exitOK || len(readIndex(t, dir)) != 4 {
			t.Error(r.stderr)
		}
	})
	t.Run("one file", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "client"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "server"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		r := pkt(t, "streams", "-r", in, "--dir", dir, "--name", "{side}/{src_port}")
		if r.code != exitFailed || !strings.Contains(r.stderr, "writing "+filepath.Join(dir, "server")) {
			t.Errorf("exit code %d: %s", r.code, r.stderr)
		}
		failed := 0
		for _, row := range readIndex(t, dir) {
			if row["error"] != nil {
				failed++
			} else if fileSum(t, filepath.Join(dir, row["file"].(string))) != row["sha256"] {
				t.Error("a wrong sum of ", row["file"])
			}
		}
		if failed != 2 {
			t.Errorf("%d rows have errors", failed)
		}
	})
	t.Run("out of the folder", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Symlink("..", filepath.Join(dir, "up")); err != nil {
			t.Skip(err)
		}
		r := pkt(t, "streams", "-r", in, "--dir", dir, "--name", "up/{src_port}")
		if r.code != exitFailed {
			t.Errorf("exit code %d: %s", r.code, r.stderr)
		}
		if found, _ := filepath.Glob(filepath.Join(dir, "..", "4*")); len(found) > 0 {
			t.Errorf("written outside: %v", found)
		}
		if r := pkt(t, "streams", "-r", in, "--dir", t.TempDir(), "--name", "../{src_port}"); r.code != exitUsage {
			t.Errorf("exit code %d: %s", r.code, r.stderr)
		}
	})
	t.Run("no folder", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if r := pkt(t, "streams", "-r", in, "--dir", file); r.code != exitFailed || strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("exit code %d: %s", r.code, r.stderr)
		}
	})
}

func TestStreamsBodies(t *testing.T) {
	c := pkttest.Dial(1_700_000_000e9, "10.0.0.1:40000", "10.0.0.2:80").Handshake()
	c.Client.Send([]byte("GET /a.json HTTP/1.1\r\nHost: h\r\n\r\n"))
	c.Server.Send([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"))
	zipped := gzipped(t, `{"a":1}`)
	c.Server.Send(fmt.Appendf(nil, "5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", zipped[:5], len(zipped)-5, zipped[5:]))
	c.Close()
	dir := t.TempDir()
	if r := pkt(t, "streams", "-r", writeConns(t, c), "--dir", dir, "--body"); r.code != exitOK {
		t.Fatal(r.stderr)
	}
	got, err := os.ReadFile(filepath.Join(dir, "10.0.0.2.80-10.0.0.1.40000-body-001.json"))
	if err != nil || string(got) != `{"a":1}` {
		t.Errorf("%q %v", got, err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 4 {
		t.Errorf("files: %v", entries)
	}
	for _, row := range readIndex(t, dir) {
		if h, ok := row["http"].(map[string]any); ok {
			if h["target"] != "/a.json" || h["complete"] != true || h["status"] != 200.0 {
				t.Errorf("%v", row)
			}
		}
	}
}

// TestStreamsSelection holds that --flow, --where, --grep and --side choose.
func TestStreamsSelection(t *testing.T) {
	other := pkttest.Dial(1_700_000_001e9, "10.0.0.3:5000", "10.0.0.2:7").Handshake()
	other.Client.Send([]byte("echo pass"))
	other.Client.Send([]byte("word"))
	in := writeConns(t, webConn(40000), other.Close())
	id := strings.TrimSpace(pkt(t, "flows", "-r", in, "--where", "dst_port == 7", "--fields", "flow_id", "-o", "tsv", "--no-header").stdout)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-o", "raw", "--flow", id}, "echo password"},
		{[]string{"-o", "raw", "--where", "dst_port == 7"}, "echo password"},
		{[]string{"-o", "raw", "--grep", "o pass[w]ord"}, "echo password"},
		{[]string{"-o", "raw", "--where", "dst_port == 7", "--grep", "secret"}, ""},
		{[]string{"-o", "raw", "--flow", id, "--side", "server"}, ""},
		{[]string{"-o", "raw", "tcp", "port", "7"}, "echo password"},
	} {
		if r := pkt(t, append([]string{"streams", "-r", in}, c.args...)...); r.stdout != c.want || r.code != exitOK {
			t.Errorf("%q: have %q, want %q, %s", c.args, r.stdout, c.want, r.stderr)
		}
	}
	r := pkt(t, "streams", "-r", in, "--grep", "pass[wW]ord")
	if !strings.Contains(r.stdout, "echo [password]") || strings.Count(r.stdout, "flow ") != 1 {
		t.Errorf("%s", r.stdout)
	}
	for _, args := range [][]string{
		{"--grep", "("}, {"--grep", "x*"}, {"--flow", "12"}, {"--gaps", "none"}, {"--overlap", "x"}, {"--body"}, {"-x", "--dir", "x"},
		{"--where", "nothing == 1"}, {"--name", "{x}", "--dir", "x"}, {"--max-gap", "x"}, {"-o", "raw", "--dir", "x"},
	} {
		if r := pkt(t, append([]string{"streams", "-r", in}, args...)...); r.code != exitUsage {
			t.Errorf("%q: exit code %d: %s", args, r.code, r.stderr)
		}
	}
	if r := pktFrom(t, strings.NewReader(""), "streams", "-r", "-", "--where", "dst_port == 7"); r.code != exitUsage {
		t.Errorf("--where from stdin: exit code %d: %s", r.code, r.stderr)
	}
}
