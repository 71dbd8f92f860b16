package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkDump rewrites the captures of $PKT_BENCH to nowhere, as a whole and
// through a filter, with the command as it is.
func BenchmarkDump(b *testing.B) {
	dir := os.Getenv("PKT_BENCH")
	if dir == "" {
		b.Skip("PKT_BENCH names no folder of captures")
	}
	for _, name := range []string{"small", "mixed", "manyflows", "bulk"} {
		for mode, filter := range map[string]string{"all": "", "filter": "tcp port 443 and host 10.0.0.1"} {
			b.Run(name+"/"+mode, func(b *testing.B) {
				var packets uint64
				for b.Loop() {
					packets += rewriteToNowhere(b, filepath.Join(dir, name+".pcap"), filter)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
			})
		}
	}
}

// BenchmarkDumpText prints the first million packets of each as lines. Beside
// it: tcpdump -nn -c 1000000 -r FILE, whose time grows with the square of the
// number of hosts.
func BenchmarkDumpText(b *testing.B) {
	dir := os.Getenv("PKT_BENCH")
	if dir == "" {
		b.Skip("PKT_BENCH names no folder of captures")
	}
	for _, name := range []string{"small", "mixed", "manyflows", "bulk"} {
		b.Run(name, func(b *testing.B) {
			var packets uint64
			for b.Loop() {
				env := &environment{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}
				src := sourceFlags{read: []string{filepath.Join(dir, name+".pcap")}, progress: "never", count: 1e6}
				s, err := src.open(env, nil, false)
				if err != nil {
					b.Skip(err)
				}
				show := displayFlags{format: formatText, formats: dumpFormats, color: "never", rateUnit: "bit", sizeUnit: "si"}
				if err := (&dumpFlags{lines: lineFlags{numeric: 2}}).print(b.Context(), s, &show); err != nil {
					b.Fatal(err)
				}
				packets += s.meter.Totals().Packets
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
		})
	}
}

// rewriteToNowhere returns the number of packets that were read.
func rewriteToNowhere(b *testing.B, file, filter string) uint64 {
	env := &environment{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}
	src := sourceFlags{read: []string{file}, progress: "never"}
	s, err := src.open(env, []string{filter}, false)
	if err != nil {
		b.Skip(err)
	}
	if err := (&dumpFlags{write: os.DevNull}).rewrite(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	return s.source.Stats().Packets.Load()
}
