package pkttest_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pkt/capture/pcapfile"
	"pkt/engine"
	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/meter"
	"pkt/names"
	"pkt/packet"
)

const cases = "../../testdata/pcaps"

// seen is what pkt finds in a capture.
type seen struct {
	packets, bytes uint64
	rows           []flow.Row
}

func (s *seen) Batch(*packet.Batch, packet.Set, []fragment.Credit, *flow.Refs) {}
func (s *seen) Ended(rows []flow.Row)                                          { s.rows = append(s.rows, rows...) }

// look reads captures, merged by time.
func look(t *testing.T, paths ...string) *seen {
	t.Helper()
	s := &seen{}
	src, err := pcapfile.Open(paths, pcapfile.Options{})
	if errors.Is(err, pcapfile.ErrEmpty) {
		return s
	}
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	m := meter.New(meter.Config{Flows: &flow.Config{Registered: names.Registered}})
	m.Add(s)
	if err := engine.Run(context.Background(), src, m, false); err != nil {
		t.Fatal(err)
	}
	m.Finish()
	s.packets, s.bytes = m.Totals().Packets, m.Totals().Bytes
	return s
}

// protoName returns the name of a protocol with ports.
func protoName(p uint8) string {
	return map[uint8]string{6: "tcp", 17: "udp", 132: "sctp", 136: "udplite"}[p]
}

// end writes an address with its port, if there is one.
func end(r *flow.Row, c field.Cell, port uint16) string {
	if !r.HasPorts {
		return c.Addr().String()
	}
	return netip.AddrPortFrom(c.Addr(), port).String()
}

// join writes an address with its port, if there is one.
func join(ip, port string) string {
	switch {
	case port == "":
		return ip
	case strings.Contains(ip, ":"):
		return "[" + ip + "]:" + port
	}
	return ip + ":" + port
}

// TestMerged reads the two halves of a conversation as one flow.
func TestMerged(t *testing.T) {
	got := look(t, filepath.Join(cases, "merge", "a.pcap"), filepath.Join(cases, "merge", "b.pcap"))
	if len(got.rows) != 2 || got.packets != 30 {
		t.Fatalf("%d flows of %d packets", len(got.rows), got.packets)
	}
	for _, r := range got.rows {
		for _, side := range r.TCP {
			if side.RetransPackets+side.OutOfOrder != 0 || side.Missed != 0 {
				t.Errorf("the merged conversation has %+v", side)
			}
		}
	}
}

// TestExpectedByConstruction compares flows with what the generator put into
// the captures: who began, states, history, packets and bytes.
func TestExpectedByConstruction(t *testing.T) {
	paths, err := filepath.Glob(cases + "/*/expected.tsv")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := map[string][][]string{} // by file
		for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
			f := strings.Split(line, "\t")
			lines[f[0]] = append(lines[f[0]], f)
		}
		dir := filepath.Dir(path)
		for name, want := range lines {
			t.Run(filepath.Base(dir)+"/"+name, func(t *testing.T) {
				got := look(t, filepath.Join(dir, name))
				rows := byEnds(got.rows)
				if len(got.rows) != len(want) {
					t.Errorf("%d flows, want %d", len(got.rows), len(want))
				}
				for _, line := range want {
					checkLine(t, rows, line)
				}
			})
		}
	}
}

// byEnds returns flows by protocol, source and destination, in the order of
// their beginnings.
func byEnds(all []flow.Row) map[string][]*flow.Row {
	rows := map[string][]*flow.Row{}
	for i := range all {
		r := &all[i]
		key := fmt.Sprint(protoName(r.Proto), " ", end(r, r.Src, r.SrcPort), " ", end(r, r.Dst, r.DstPort))
		rows[key] = append(rows[key], r)
	}
	for _, list := range rows {
		slices.SortFunc(list, func(a, b *flow.Row) int { return int(a.Start - b.Start) })
	}
	return rows
}

// checkLine finds the flow of one line of expected.tsv: file, protocol, four
// columns of addresses and ports, state, history, four of counts, note.
func checkLine(t *testing.T, rows map[string][]*flow.Row, f []string) {
	t.Helper()
	key := fmt.Sprint(f[1], " ", join(f[2], f[3]), " ", join(f[4], f[5]))
	if len(rows[key]) == 0 {
		t.Errorf("missing: %s (%s)", key, f[12])
		return
	}
	r := rows[key][0]
	rows[key] = rows[key][1:]
	counts := fmt.Sprint(r.SrcSent.Packets, r.DstSent.Packets, r.SrcSent.Bytes, r.DstSent.Bytes)
	if want := strings.Join(f[8:12], " "); counts != want {
		t.Errorf("%s (%s): counts %s, want %s", key, f[12], counts, want)
	}
	if s := flow.StateNames[r.State]; f[6] != "" && s != f[6] {
		t.Errorf("%s (%s): state %s, want %s", key, f[12], s, f[6])
	}
	if h := string(r.History()); f[7] != "" && h != f[7] {
		t.Errorf("%s (%s): history %s, want %s", key, f[12], h, f[7])
	}
}
