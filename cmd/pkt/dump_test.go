package main

import (
	"testing"
	"time"

	"pkt/capture/pcapfile"
	"pkt/decode"
	"pkt/field"
	"pkt/output/line"
	"pkt/packet"
)

// The columns that dump adds allocate nothing once their texts have grown.
func TestDumpColumnsAllocateNothing(t *testing.T) {
	src, err := pcapfile.Open([]string{pcaps + "office/in.pcap"}, pcapfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b packet.Batch
	if err := src.Next(&b); err != nil {
		t.Fatal(err)
	}
	defer b.Reset()
	decode.Batch(&b, b.All())
	var v field.Vector
	for stamps := range line.LastStamp + 1 {
		for _, e := range dumpEntries(stamps, time.Local) {
			read := func() { e.Col(&b, b.All(), &v) }
			read()
			if n := testing.AllocsPerRun(20, read); n != 0 {
				t.Errorf("%s: %.0f allocations a batch", e.Name, n)
			}
		}
	}
}
