//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// replayed runs pkt top on the replayed input, not on a terminal.
func replayed(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	cmd := exec.Command("pkt-replay", append([]string{"top"}, args...)...)
	cmd.Env = quietEnv()
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer kill.Stop()
	cmd.Wait()
	if t.Failed() {
		t.Log(stderr.String())
	}
	return out.String(), exitOf(cmd)
}

// records reads ndjson.
func recordsIn(t *testing.T, text string) (out []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		out = append(out, r)
	}
	return out
}

// want is what the replayed traffic comes to in the first seconds.
func replayedBytes(seconds int) (bytes, tx float64) {
	for _, k := range talks {
		n := float64(max(min(k.to, seconds)-k.from, 0)) * 10
		tx += n * float64(len(k.frame(true, k.out)))
		bytes += n * float64(len(k.frame(true, k.out))+len(k.frame(false, k.in)))
	}
	return bytes, tx
}

// TestTopBlocks prints a table for every interval where no format is given.
func TestTopBlocks(t *testing.T) {
	t.Parallel()
	out, code := replayed(t, "--count", "3", "--limit", "2", "--utc")
	blocks := strings.Split(strings.TrimSpace(out), "\n\n")
	if code != 0 || len(blocks) != 3 {
		t.Fatalf("exit code %d, %d blocks:\n%s", code, len(blocks), out)
	}
	for i, b := range blocks {
		lines := strings.Split(b, "\n")
		if !strings.HasPrefix(lines[0], "2026-01-01 00:00:0") || !strings.Contains(lines[1], "2 S         10 S         40 S") {
			t.Errorf("block %d begins with\n%s\n%s", i, lines[0], lines[1])
		}
		if len(lines) != 7 || !strings.HasPrefix(lines[4], "other (") || !strings.HasPrefix(lines[5], "total") || !strings.Contains(lines[6], "kernel dropped 0 of") {
			t.Errorf("block %d ends with\n%s", i, b)
		}
	}
}

// TestTopRecords prints a set of records for every interval, of which bytes add
// up to all that was seen, and a snapshot behind each.
func TestTopRecords(t *testing.T) {
	t.Parallel()
	out, code := replayed(t, "-o", "ndjson", "--count", "4", "--limit", "3")
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	snapshots, second := 0, 0
	var bytes, tx, interval float64
	for _, r := range recordsIn(t, out) {
		if r["type"] == "snapshot" {
			snapshots++
			second++
			wantBytes, wantTx := replayedBytes(second)
			before, _ := replayedBytes(second - 1)
			if bytes != wantBytes || tx != wantTx || interval != wantBytes-before {
				t.Errorf("until second %d: %v bytes, %v sent, %v in the interval, want %v, %v, %v", second, bytes, tx, interval, wantBytes, wantTx, wantBytes-before)
			}
			if r["complete"] != true || r["kernel_drops"] != 0.0 {
				t.Errorf("snapshot %v", r)
			}
			bytes, tx, interval = 0, 0, 0
			continue
		}
		bytes += r["bytes"].(float64)
		tx += r["tx_bytes"].(float64)
		interval += r["interval_bytes"].(float64)
		for _, name := range []string{"bps", "bps_2s", "bps_10s", "bps_40s", "tx_bps", "rx_bps", "avg_bps"} {
			if _, ok := r[name].(float64); !ok {
				t.Errorf("no %s in %v", name, r)
			}
		}
	}
	if snapshots != 4 {
		t.Errorf("%d snapshots", snapshots)
	}
}

// TestTopOnce answers the first question: bytes, average and peak per port, in
// both directions.
func TestTopOnce(t *testing.T) {
	t.Parallel()
	out, code := replayed(t, "--once", "--duration", "10s", "--by", "local_port", "-o", "json")
	var all []map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v in %s", code, err, out)
	}
	for _, k := range talks {
		found := false
		seconds := float64(min(k.to, 10) - k.from)
		for _, r := range all {
			key, _ := r["key"].(map[string]any)
			if key["local_port"] != float64(k.local) {
				continue
			}
			found = true
			tx := float64(len(k.frame(true, k.out))) * 80
			rx := float64(len(k.frame(false, k.in))) * 80
			for name, want := range map[string]float64{
				"tx_bytes": tx / 8 * seconds * 10 / 10, "rx_bytes": rx / 8 * seconds,
				"tx_peak_bps": tx, "rx_peak_bps": rx, "peak_bps": tx + rx,
				// The batch that the run ends with takes the clock a step on.
				"tx_avg_bps": tx * seconds / 10.1, "rx_avg_bps": rx * seconds / 10.1,
			} {
				if got, _ := r[name].(float64); math.Abs(got-want) > want*0.02 {
					t.Errorf("port %d: %s is %v, want %v", k.local, name, r[name], want)
				}
			}
		}
		if !found {
			t.Errorf("no row of port %d", k.local)
		}
	}
	if s := all[len(all)-1]; s["type"] != "snapshot" {
		t.Errorf("the last record is %v", s)
	}
}

// TestTopInterrupted closes what it has begun.
func TestTopInterrupted(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("pkt-replay", "top", "-o", "json")
	cmd.Env = quietEnv()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer kill.Stop()
	first := make([]byte, 1)
	if _, err := io.ReadFull(pipe, first); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGINT)
	rest, err := io.ReadAll(pipe)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	var all []map[string]any
	if err := json.Unmarshal(append(first, rest...), &all); err != nil || exitOf(cmd) != 0 {
		t.Errorf("exit code %d, %v in %s", exitOf(cmd), err, rest)
	}
	if len(all) == 0 {
		t.Error("no records")
	}
}

// TestTopGroupings are those of iftop, iptraf, tcptrack, jnettop and netwatch.
func TestTopGroupings(t *testing.T) {
	for _, by := range []string{
		"src_ip,dst_ip", "port", "mac", "bucket(len,64)", "flow", "local_ip,remote_port", "remote_ip", "local_port", "remote_port", "local_ip", "host", "iface",
	} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			out, code := replayed(t, "--once", "--duration", "3s", "--by", by, "-o", "ndjson")
			rows := recordsIn(t, out)
			if code != 0 || len(rows) < 2 {
				t.Fatalf("exit code %d:\n%s", code, out)
			}
			found := false
			for name, v := range rows[0] {
				if k, ok := v.(map[string]any); ok && name == "key" {
					found = true
					for name, v := range k {
						if v == nil {
							t.Errorf("key %s of the first row is null", name)
						}
					}
				}
				found = found || name == "key."+by
			}
			if !found {
				t.Errorf("no key in %v", rows[0])
			}
			if by == "flow" && rows[0]["state"] != "OTH" {
				t.Errorf("state %v", rows[0]["state"])
			}
		})
	}
}
