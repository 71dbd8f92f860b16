package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLiveAndFile records and ranks at the same time: the record gives the same
// totals, and the interface's counters are the same.
func TestLiveAndFile(t *testing.T) {
	w := newWire(t)
	file := filepath.Join(t.TempDir(), "x.pcapng")
	before := w.near.Counters("near0")
	dump := listen(t, w.near, "dump", "-i", "near0", "-w", file)
	top := listen(t, w.near, "top", "-i", "near0", "--by", "dst_port", "-o", "ndjson", "--interval", "200ms")
	s, back := w.far.NewSender("far0"), w.near.NewSender("near0")
	for i := range 3000 {
		if err := s.Send(datagram(60+i%1000, uint16(1+i%5))); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if err := back.Send(datagram(200, 53)); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(300 * time.Millisecond) // what waits between the ends of the wire
	dump.end()
	top.end()
	after := w.near.Counters("near0")
	totals := func(text string) map[string][4]uint64 {
		found := map[string][4]uint64{}
		for _, r := range records(t, text, "top") {
			key := fmt.Sprint(r["key"])
			found[key] = [4]uint64{r.num(t, "packets"), r.num(t, "bytes"), r.num(t, "tx_bytes"), r.num(t, "rx_bytes")}
		}
		return found
	}
	live, read := totals(top.stdout.String()), totals(pkt(t, "top", "-r", file, "--by", "dst_port", "-o", "ndjson").stdout)
	if len(live) < 6 || fmt.Sprint(live) != fmt.Sprint(read) {
		t.Errorf("live %v\nfile %v", live, read)
	}
	var sum [4]uint64
	for _, v := range live {
		for i := range sum {
			sum[i] += v[i]
		}
	}
	want := [4]uint64{
		after.RxPackets + after.TxPackets - before.RxPackets - before.TxPackets,
		after.RxBytes + after.TxBytes - before.RxBytes - before.TxBytes,
		after.TxBytes - before.TxBytes, after.RxBytes - before.RxBytes,
	}
	if sum != want {
		t.Errorf("packets, bytes, sent and received are %v, the interface has counted %v", sum, want)
	}
}

// TestLiveMemory captures for some seconds at full rate: memory stays flat.
func TestLiveMemory(t *testing.T) {
	w := newWire(t)
	r := listen(t, w.near, "top", "-i", "near0", "--by", "port", "-o", "ndjson", "--buffer-size", "8192")
	s := w.far.NewSender("far0")
	rss := func() (kB int) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(status), "VmRSS:")
		kB, err = strconv.Atoi(strings.Fields(after)[0])
		if err != nil {
			t.Fatal(err)
		}
		return kB
	}
	frame := datagram(60, 9)
	flood := func(d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			binary.BigEndian.PutUint16(frame[34:], uint16(s.Sent.Load()%1000)) // as many flows
			if err := s.Send(frame); err != nil {
				t.Fatal(err)
			}
		}
	}
	flood(time.Second)
	before := rss()
	flood(3 * time.Second)
	if after := rss(); after > before+16<<10 {
		t.Errorf("memory has grown from %d kB to %d kB", before, after)
	}
	r.end()
}

// TestLiveDrops stops pkt for a while, so that the kernel has to drop packets: the
// numbers add up, and the file tells them.
func TestLiveDrops(t *testing.T) {
	w := newWire(t)
	file := filepath.Join(t.TempDir(), "x.pcapng")
	r := listen(t, w.near, "dump", "-i", "near0", "-w", file, "-B", "512")
	s := w.far.NewSender("far0")
	send := func() {
		for range 10 {
			for range 200 {
				if err := s.Send(datagram(1000, 9)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	r.signal(syscall.SIGSTOP)
	send()
	r.signal(syscall.SIGCONT)
	time.Sleep(300 * time.Millisecond)
	send()
	time.Sleep(300 * time.Millisecond)
	r.end()
	var n [3]uint64
	lines := strings.Split(strings.TrimSpace(r.stderr.String()), "\n")
	for i, line := range lines[1:4] {
		if _, err := fmt.Sscan(line, &n[i]); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
	}
	if captured, received, dropped := n[0], n[1], n[2]; dropped == 0 || captured+dropped != received {
		t.Errorf("%d captured, %d received, %d dropped", captured, received, dropped)
	}
	sum := records(t, pkt(t, "dump", "-r", file, "-o", "ndjson", "--summary").stdout, "summary")
	if len(sum) != 1 || sum[0].num(t, "packets") != n[0] || sum[0].num(t, "iface_drops") != n[2] {
		t.Errorf("the file says %v, want %d packets and %d dropped", sum, n[0], n[2])
	}
}
