package main

import (
	"fmt"
	"net/netip"
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
	file                   string
	proto                  string
	src, dst               string // address and port; an address alone where there is no port
	state                  string // conn_state of Zeek; empty: not asserted
	history                string // history of Zeek; empty: not asserted
	srcPackets, dstPackets int
	srcBytes, dstBytes     int
	note                   string
}

// of returns what is known of a TCP conversation that has been played.
func of(file string, c *pkttest.Conn, state, history, note string) flowFact {
	return flowFact{
		file: file, proto: "tcp", src: c.Client.Addr().String(), dst: c.Server.Addr().String(),
		state: state, history: history, note: note,
		srcPackets: c.Client.Packets, dstPackets: c.Server.Packets,
		srcBytes: c.Client.Bytes, dstBytes: c.Server.Bytes,
	}
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
			"what the generator put there.\nAn empty state or history is not asserted.\n")
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
		srcIP, srcPort := split(f.src)
		dstIP, dstPort := split(f.dst)
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n", f.file, f.proto,
			srcIP, srcPort, dstIP, dstPort, f.state, f.history,
			f.srcPackets, f.dstPackets, f.srcBytes, f.dstBytes, f.note)
	}
	return b.String()
}

// split takes an address and a port apart; the port is empty where there is
// none.
func split(end string) (ip, port string) {
	if a, err := netip.ParseAddrPort(end); err == nil {
		return a.Addr().String(), fmt.Sprint(a.Port())
	}
	return end, ""
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
