package main

import (
	"testing"
	"time"

	"pkt/capture/pcapfile"
	"pkt/decode"
	"pkt/field"
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
	for stamps := range lastStamps + 1 {
		for _, e := range dumpEntries(stamps, time.Local) {
			read := func() { e.Col(&b, b.All(), &v) }
			read()
			if n := testing.AllocsPerRun(20, read); n != 0 {
				t.Errorf("%s: %.0f allocations a batch", e.Name, n)
			}
		}
	}
}

func TestAppendSeconds(t *testing.T) {
	tests := map[int64]string{
		0: "0.000000", 999: "0.000000", 1000: "0.000001", 1_500_000_000: "1.500000", -1_500_000_000: "-1.500000",
		-1 << 63: "-9223372036.854775", 1750064400300000000: "1750064400.300000",
	}
	for nanos, want := range tests {
		if got := string(appendSeconds(nil, nanos)); got != want {
			t.Errorf("%d: %s, want %s", nanos, got, want)
		}
	}
}
