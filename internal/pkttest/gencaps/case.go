package main

import (
	"fmt"
	"strings"
	"time"

	"pkt/internal/pkttest"
)

// testCase is one folder of captures.
type testCase struct {
	name  string
	title string
	about string // what it shows and what is expected, for the README
	files []file
	flows []flowFact // rows of expected.tsv; none: no such file
}

// file is one capture of a case.
type file struct {
	name string
	data []byte
}

// flowFact is what is known of a flow by the way it was made.
type flowFact struct {
	file    string
	conn    *pkttest.Conn
	state   string // conn_state of Zeek; empty: not asserted
	history string // history of Zeek; empty: not asserted
	note    string
}

// all returns the case's files with those that are made from the others.
func (c testCase) all() []file {
	files := append([]file(nil), c.files...)
	if c.title != "" {
		files = append(files, file{"README.md", []byte(c.readme())})
	}
	if len(c.flows) > 0 {
		files = append(files, file{"expected.tsv", []byte(c.expected())})
	}
	return files
}

// readme returns the text that stands beside the captures.
func (c testCase) readme() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", c.title, strings.TrimSpace(c.about))
	if len(c.flows) > 0 {
		b.WriteString("`expected.tsv` has a row for each flow, in the order of their first packets: " +
			"what the generator put into the file.\nAn empty state or history is not asserted.\n")
	}
	b.WriteString("`expected.json` has what other tools count in the file.\n\n" +
		"Made by `go run ./internal/pkttest/gencaps testdata/pcaps`.\n")
	return b.String()
}

// expected returns the rows of the flows that are known by construction.
func (c testCase) expected() string {
	var b strings.Builder
	b.WriteString("file\tproto\tsrc_ip\tsrc_port\tdst_ip\tdst_port\tstate\thistory\t" +
		"src_packets\tdst_packets\tsrc_bytes\tdst_bytes\tnote\n")
	for _, f := range c.flows {
		src, dst := f.conn.Client, f.conn.Server
		fmt.Fprintf(&b, "%s\ttcp\t%s\t%d\t%s\t%d\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n", f.file,
			src.Addr().Addr(), src.Addr().Port(), dst.Addr().Addr(), dst.Addr().Port(), f.state, f.history,
			src.Packets, dst.Packets, src.Bytes, dst.Bytes, f.note)
	}
	return b.String()
}

// at is when the captures begin, unless a case needs another time: Monday
// 2025-06-16 09:00:00 UTC.
const at = 1_750_064_400 * int64(time.Second)

// capture returns a file of the usual kind with Ethernet frames.
func capture(packets []pkttest.Packet) []byte {
	return pkttest.Pcap{Link: pkttest.LinkEthernet, Packets: packets}.Bytes()
}

// one returns the files of a case that has a single capture.
func one(packets []pkttest.Packet) []file { return []file{{"in.pcap", capture(packets)}} }

// dice is a source of numbers that is the same for ever, by the constants of
// Knuth's MMIX.
type dice uint64

// below returns a number from 0 to n-1.
func (d *dice) below(n int) int {
	*d = *d*6364136223846793005 + 1442695040888963407
	return int(uint64(*d>>33) % uint64(n))
}

// between returns a duration from min to max.
func (d *dice) between(min, max time.Duration) time.Duration {
	return min + time.Duration(d.below(int((max-min)/time.Microsecond)+1))*time.Microsecond
}
