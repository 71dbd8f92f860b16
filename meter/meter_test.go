package meter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"pkt/capture/pcapfile"
	"pkt/engine"
	"pkt/flow"
	"pkt/fragment"
	"pkt/internal/pkttest"
	"pkt/names"
	"pkt/packet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder writes down what a tap is told.
type recorder struct {
	packets []uint64
	rows    []flow.Row
	stop    func() // called with the first batch, if set
}

func (r *recorder) Batch(b *packet.Batch, in packet.Set, _ []fragment.Credit, _ *flow.Refs) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		r.packets = append(r.packets, b.Num(i))
	}
	if r.stop != nil {
		r.stop()
	}
}

func (r *recorder) Ended(rows []flow.Row) { r.rows = append(r.rows, rows...) }

// measure runs a meter over a capture and returns what its tap saw.
func measure(t *testing.T, file []byte, cfg Config, parallel bool) (*recorder, Totals, error) {
	t.Helper()
	src := pcapfile.NewReader(bytes.NewReader(file), "test", pcapfile.Options{})
	defer src.Close()
	m, r := New(cfg), &recorder{}
	m.Add(r)
	err := engine.Run(context.Background(), src, m, parallel)
	m.Finish()
	return r, m.Totals(), err
}

// queries returns a capture of n DNS queries, a second apart, from as many ports.
func queries(n int) []byte {
	var packets []pkttest.Packet
	for i := range n {
		packets = append(packets, pkttest.At(int64(i)*1e9, pkttest.Frame(
			pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: uint16(20000 + i), DstPort: 53}, pkttest.Payload("query"))))
	}
	return pkttest.Pcap{Link: 1, Packets: packets}.Bytes()
}

// odd is a filter that takes every second packet.
type odd struct{ fail error }

func (o odd) Filter(b *packet.Batch, in packet.Set) (out packet.Set, err error) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		if b.Num(i)%2 == 1 {
			out.Add(i)
		}
	}
	return out, o.fail
}

func TestSelection(t *testing.T) {
	file := queries(1500)
	broken := errors.New("broken")
	tests := []struct {
		name        string
		cfg         Config
		count       int
		first, last uint64
		err         error
	}{
		{"all", Config{}, 1500, 1, 1500, nil},
		{"packets", Config{Packets: 700}, 700, 1, 700, nil},
		{"a whole batch", Config{Packets: packet.BatchLen}, packet.BatchLen, 1, packet.BatchLen, nil},
		{"span", Config{Span: 600e9}, 600, 1, 600, nil},
		{"filter", Config{Raw: []Filter{odd{}}}, 750, 1, 1499, nil},
		{"packets that match", Config{Raw: []Filter{odd{}}, Packets: 10}, 10, 1, 19, nil},
		{"filter fails", Config{Raw: []Filter{odd{broken}}}, 256, 1, 511, broken},
	}
	for _, tt := range tests {
		for _, parallel := range []bool{false, true} {
			r, totals, err := measure(t, file, tt.cfg, parallel)
			if !errors.Is(err, tt.err) || (err != nil) != (tt.err != nil) {
				t.Fatalf("%s: error %v, want %v", tt.name, err, tt.err)
			}
			if len(r.packets) != tt.count || r.packets[0] != tt.first || r.packets[tt.count-1] != tt.last {
				t.Errorf("%s: %d packets, want %d from %d to %d", tt.name, len(r.packets), tt.count, tt.first, tt.last)
			}
			if totals.Packets != uint64(tt.count) {
				t.Errorf("%s: total %d, want %d", tt.name, totals.Packets, tt.count)
			}
		}
	}
}

func TestStop(t *testing.T) {
	src := pcapfile.NewReader(bytes.NewReader(queries(5000)), "test", pcapfile.Options{})
	defer src.Close()
	m := New(Config{})
	r := &recorder{stop: m.Stop}
	m.Add(r)
	if err := engine.Run(context.Background(), src, m, false); err != nil {
		t.Fatal(err)
	}
	if len(r.packets) != packet.BatchLen {
		t.Errorf("saw %d packets after Stop in the first batch of %d", len(r.packets), packet.BatchLen)
	}
}

// TestParallel holds the pipeline to the results of one core, row by row, on
// every capture at hand.
func TestParallel(t *testing.T) {
	files, _ := filepath.Glob("../testdata/pcaps/*/*.pcap*")
	corpus, _ := filepath.Glob("../../shared/corpus/streams/pcaps/*")
	if len(corpus) == 0 {
		t.Log("no ../shared/corpus: only the captures of the repository are compared")
	}
	files = append(files, corpus...)
	if len(files) < 20 {
		t.Fatalf("found %d captures", len(files))
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{Flows: &flow.Config{Registered: names.Registered}}
		one, totals1, err1 := measure(t, content, cfg, false)
		two, totals2, err2 := measure(t, content, cfg, true)
		if fmt.Sprint(err1) != fmt.Sprint(err2) || !reflect.DeepEqual(totals1, totals2) {
			t.Errorf("%s: %v, %v on one core; %v, %v on two", name, totals1, err1, totals2, err2)
		}
		if !slices.Equal(one.packets, two.packets) || !slices.Equal(one.rows, two.rows) {
			t.Errorf("%s: packets or flows differ between one core and two", name)
		}
	}
}

// TestFragmentsWithoutFirst counts later fragments whose first part never comes
// when the run ends.
func TestFragmentsWithoutFirst(t *testing.T) {
	parts := pkttest.Fragments(1200, 7, pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 1000, DstPort: 2000}, pkttest.Payload(make([]byte, 3000)))
	var packets []pkttest.Packet
	for i, p := range parts[1:] {
		packets = append(packets, pkttest.At(int64(i), p))
	}
	r, totals, err := measure(t, pkttest.Pcap{Link: 1, Packets: packets}.Bytes(), Config{Flows: &flow.Config{}}, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.rows) != 1 || r.rows[0].HasPorts || r.rows[0].SrcSent.Packets != uint64(len(packets)) {
		t.Errorf("rows %+v, want one flow without ports and %d packets", r.rows, len(packets))
	}
	if totals.Packets != uint64(len(packets)) {
		t.Errorf("total %d, want %d", totals.Packets, len(packets))
	}
}

// TestNoAllocationPerPacket runs the whole path twice, over a capture and over
// the same capture ten times as long: what it allocates must not grow.
func TestNoAllocationPerPacket(t *testing.T) {
	conversation := pkttest.Dial(0, "10.0.0.1:1024", "10.0.0.2:80")
	conversation.Handshake()
	for range 2000 {
		conversation.Client.Send([]byte("request"))
		conversation.Server.Send(make([]byte, 1000))
	}
	short := pkttest.Pcap{Link: 1, Packets: conversation.Packets}
	long := short
	for range 9 {
		long.Packets = append(long.Packets, short.Packets...)
	}
	run := func(file []byte) float64 {
		return testing.AllocsPerRun(3, func() {
			src := pcapfile.NewReader(bytes.NewReader(file), "test", pcapfile.Options{})
			m := New(Config{Flows: &flow.Config{Seed: 1}})
			m.Add(&counter{})
			if err := engine.Run(context.Background(), src, m, false); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			m.Finish()
			src.Close()
		})
	}
	few, many := run(short.Bytes()), run(long.Bytes())
	if packets := float64(len(long.Packets) - len(short.Packets)); many-few > packets/1000 {
		t.Errorf("%v allocations, %v with %v packets more", few, many, packets)
	}
}
