package main

import (
	"fmt"
	"strings"
)

// real are the cases that testdata/gen/real.sh makes, with their titles.
var real = [][2]string{
	{"http-real", "DNS and HTTP by curl"},
	{"udp-game-real", "2,500 clients of a UDP server"},
	{"iperf-lossy-real", "A transfer over a lossy path, seen on both sides"},
	{"ping-frag-real", "Large pings and datagrams in fragments"},
	{"tcp-ends-real", "How connections end"},
	{"vlan-real", "A VLAN between two hosts"},
	{"vxlan-real", "A VXLAN between two hosts"},
	{"gre-real", "A GRE tunnel between two hosts"},
	{"any-real", "All interfaces of a router at once"},
}

// index returns the list of the cases, as a file beside their folders.
func index(made []testCase) testCase {
	var b strings.Builder
	b.WriteString(`# Captures for tests

One folder a case, each with a README that tells what it shows.

* ` + "`expected.json`" + `: what tools that are not pkt find in the captures: tshark takes every packet apart, capinfos and tcpdump
  agree on the number. A line for each file and for each of its flows, whose source is the sender of its first packet.
  ` + "`complete`" + ` is false where the tools stop before the end of the file. Made by ` + "`go run ./internal/pkttest/expect testdata/pcaps/*/`" + `.
* ` + "`expected.tsv`" + `: what is known of the flows because of the way they were made.
* ` + "`programs.json`" + `: what real programs said about their traffic.

## Made by a generator

` + "`go run ./internal/pkttest/gencaps testdata/pcaps`" + ` makes the same bytes every time.

| case | what it shows |
|---|---|
`)
	for _, c := range made {
		row(&b, c.name, c.title)
	}
	b.WriteString("\n## Made by real programs\n\n`testdata/gen/real.sh` runs them in network namespaces.\n\n| case | what it shows |\n|---|---|\n")
	for _, c := range real {
		row(&b, c[0], c[1])
	}
	return testCase{name: ".", files: []file{{"README.md", []byte(b.String())}}}
}

// row writes one line of a table.
func row(b *strings.Builder, name, title string) {
	fmt.Fprintf(b, "| [%s](%s/README.md) | %s |\n", name, name, title)
}
