package flow_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pkt/flow"
	"pkt/internal/pkttest"
)

// TestFragments counts the later parts of datagrams with the first.
func TestFragments(t *testing.T) {
	for _, ip := range []pkttest.Layer{pkttest.IPv4{}, pkttest.IPv6{}} {
		for _, reverse := range []bool{false, true} {
			frames := pkttest.Fragments(512, 77, pkttest.Ethernet{}, ip, pkttest.UDP{SrcPort: 41000, DstPort: 42000}, pkttest.Payload(text(2000)))
			if reverse {
				slices.Reverse(frames)
			}
			for _, size := range []int{1, 3, 512} {
				rows := newPipeline(flow.Config{}).packets(pkttest.Every(second(0), time.Second, frames...), size)
				if len(rows) != 1 {
					t.Fatalf("%d flows", len(rows))
				}
				r := &rows[0]
				if r.SrcPort != 41000 || r.Start != second(0) || r.SrcSent.Packets != 4 || r.SrcSent.Payload != 2000 || r.End-r.Start > 3e9 {
					t.Errorf("reverse %v, %d at a time: %+v", reverse, size, r)
				}
			}
		}
	}
}

// TestFragmentsOfTCP checks that the sequence numbers go on behind a segment
// that came in fragments.
func TestFragmentsOfTCP(t *testing.T) {
	for _, reverse := range []bool{false, true} {
		c := pkttest.Dial(second(0), "10.0.0.1:40000", "10.0.0.2:8000")
		c.Handshake()
		frames := pkttest.Fragments(512, 77, pkttest.Ethernet{}, pkttest.IPv4{},
			pkttest.TCP{SrcPort: 40000, DstPort: 8000, Seq: c.Client.Seq, Ack: c.Server.Seq, Flags: pkttest.ACK}, pkttest.Payload(text(2000)))
		if reverse {
			slices.Reverse(frames)
		}
		list := append(c.Packets, pkttest.Every(c.Now+1, time.Millisecond, frames...)...)
		c.Packets = nil
		c.Client.Seq += 2000
		c.Wait(time.Second)
		c.Server.ACK()
		c.Client.Send(text(100))
		check(t, fmt.Sprint("reverse ", reverse), newPipeline(flow.Config{}).packets(append(list, c.Packets...), 512),
			[]string{"40000>8000 S1 ShADa eof 7/3 pkts 2100/0 bytes"})
	}
}

// TestOrphans counts fragments whose first part never comes.
func TestOrphans(t *testing.T) {
	frames := pkttest.Fragments(512, 77, pkttest.Ethernet{}, pkttest.IPv4{}, pkttest.UDP{SrcPort: 41000, DstPort: 42000}, pkttest.Payload(text(2000)))
	list := pkttest.Every(second(0), time.Second, frames[1:]...)
	list = append(list, datagram(100, "10.0.0.9:9", "10.0.0.8:8", 1))
	p := newPipeline(flow.Config{})
	rows := p.packets(list, 1)
	if len(rows) != 2 || rows[0].HasPorts || rows[0].SrcSent.Packets != 3 || rows[0].Start != second(0) {
		t.Errorf("have %+v", rows)
	}
	if n := p.stage.Stats().Orphans; n != 3 {
		t.Errorf("%d orphans", n)
	}
}
