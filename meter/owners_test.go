package meter

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pkt/capture/pcapfile"
	"pkt/engine"
	"pkt/field"
	"pkt/flow"
	"pkt/internal/pkttest"
	"pkt/packet"
	"pkt/process"
	"pkt/stats"
)

// answers are what a test says about owners: of a flow that came to 10.0.0.1, first its
// listener's process, from the fourth question on the worker's.
type answers struct {
	asked     map[process.Flow]int
	refreshed int
}

const (
	listener process.ID = 10
	worker   process.ID = 11
	patience            = 4
)

func (a *answers) Refresh() error {
	a.refreshed++
	return nil
}

func (a *answers) Owners(f process.Flow) (sides [2]process.Side) {
	a.asked[f]++
	remote := process.Side{Via: process.ViaRule}
	here := process.Side{ID: listener, Via: process.ViaListener, Local: true}
	if a.asked[f] >= patience {
		here = process.Side{ID: worker, Via: process.ViaIO, Local: true}
	}
	if f.Src.Addr() == netip.AddrFrom4([4]byte{10, 0, 0, 1}) {
		return [2]process.Side{here, remote}
	}
	return [2]process.Side{remote, here}
}

// TestOwnersThatComeLate ranks flows whose owner changes while they last: all that they
// brought is the last owner's in the end, in intervals and in the total.
func TestOwnersThatComeLate(t *testing.T) {
	var flows [][]pkttest.Packet
	for i := range 40 {
		c := pkttest.Dial(int64(i)*1e7, fmt.Sprintf("10.0.0.2:%d", 40000+i), "10.0.0.1:80").Handshake()
		for range 20 {
			c.Client.Send(make([]byte, 100))
			c.Server.Send(make([]byte, 1000))
			c.Wait(100 * time.Millisecond)
		}
		c.Close()
		flows = append(flows, c.Packets)
	}
	file := pkttest.Pcap{Link: 1, Packets: pkttest.Merge(flows...)}.Bytes()
	for _, parallel := range []bool{false, true} {
		src := pcapfile.NewReader(bytes.NewReader(file), "test", pcapfile.Options{})
		a := &answers{asked: map[process.Flow]int{}}
		m := New(Config{Flows: &flow.Config{}, Owners: a})
		key := stats.Key{
			Field: field.Field{Name: "process", Kind: field.Uint, Scope: field.Packet},
			Owner: func(id process.ID, dst []byte) (uint64, []byte, bool) { return uint64(id), dst, id != process.Nobody },
		}
		r := stats.NewRanking(stats.Config{Keys: []stats.Key{key}, Interval: 5e8, Each: func(r *stats.Result) {
			var sum uint64
			for i := range r.Items {
				sum += r.Items[i].Bytes
			}
			if sum != r.Total.Bytes {
				t.Errorf("rows add up to %d of %d bytes", sum, r.Total.Bytes)
			}
		}}, m.Flows())
		m.Add(r)
		if err := engine.Run(context.Background(), src, m, parallel); err != nil {
			t.Fatal(err)
		}
		m.Finish()
		r.Close()
		res := r.Result()
		if len(res.Items) != 1 {
			t.Fatalf("%d rows, want the worker's alone", len(res.Items))
		}
		row := res.Items[0]
		if c, _ := row.Cell(0); process.ID(c.Lo) != worker || row.Flows != 40 || row.Bytes != res.Total.Bytes || row.Packets != res.Total.Packets {
			t.Errorf("row %d: %d flows, %d of %d bytes", c.Lo, row.Flows, row.Bytes, res.Total.Bytes)
		}
		if a.refreshed == 0 || len(a.asked) != 40 {
			t.Errorf("asked about %d flows, refreshed %d times", len(a.asked), a.refreshed)
		}
		src.Close()
	}
}

// TestAskingAllocatesNothing holds that a batch of known flows costs no allocation.
func TestAskingAllocatesNothing(t *testing.T) {
	c := pkttest.Dial(0, "10.0.0.2:40000", "10.0.0.1:80").Handshake()
	for range 100 {
		c.Client.Send(make([]byte, 100))
	}
	file := pkttest.Pcap{Link: 1, Packets: c.Packets}.Bytes()
	src := pcapfile.NewReader(bytes.NewReader(file), "test", pcapfile.Options{})
	defer src.Close()
	m := New(Config{Flows: &flow.Config{}, Owners: &answers{asked: map[process.Flow]int{}}})
	var b packet.Batch
	var aux Aux
	if err := src.Next(&b); err != nil {
		t.Fatal(err)
	}
	m.Prepare(&b, &aux)
	m.Consume(&b, &aux)
	if n := testing.AllocsPerRun(100, func() { m.owners.batch(&b, aux.in, &m.refs) }); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
	b.Reset()
}
