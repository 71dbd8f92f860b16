package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// columns are the fields that tshark prints. Of several occurrences in one packet
// the last one counts, that of the innermost header.
var columns = []string{
	"frame.time_epoch", "frame.len", "frame.cap_len", "frame.protocols",
	"_ws.col.Source", "_ws.col.Destination", "ip.flags.mf", "ip.frag_offset", "ipv6.fraghdr.nxt",
	"tcp.srcport", "tcp.dstport", "tcp.stream",
	"udp.srcport", "udp.dstport", "udp.stream",
	"sctp.srcport", "sctp.dstport", "sctp.assoc_index",
}

// read lets tshark take a capture apart.
func read(path string) (*Facts, error) {
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,", "-E", "separator=/t",
		"-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"}
	for _, c := range columns {
		args = append(args, "-e", c)
	}
	out, err := run(path, "tshark", args)
	f := &Facts{Complete: err == nil, Protocols: map[string]Count{}}
	var missing *exec.Error
	if errors.As(err, &missing) {
		return nil, err
	}
	flows := map[string]*Flow{}
	for line := range strings.Lines(string(out)) {
		p, err := parse(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if strings.HasSuffix(path, "ng") && p.layers[0] == "data" { // a custom block of pcapng, which is no packet
			continue
		}
		f.add(p, flows)
	}
	f.FlowCount = len(f.Flows)
	if f.Fragments > 0 || f.FlowCount > listed {
		f.Flows = nil
	}
	return f, nil
}

// parse reads one line of tshark's.
func parse(v []string) (*packet, error) {
	if len(v) != len(columns) {
		return nil, fmt.Errorf("tshark printed %d fields in place of %d", len(v), len(columns))
	}
	length, err := strconv.Atoi(v[1])
	if err != nil {
		return nil, err
	}
	captured, err := strconv.Atoi(v[2])
	if err != nil {
		return nil, err
	}
	p := &packet{
		time: v[0], length: length, captured: captured, layers: strings.Split(v[3], ":"), src: v[4], dst: v[5],
		fragment: strings.Contains(v[6], "1") || strings.Trim(v[7], "0,") != "" || v[8] != "",
	}
	at := map[string]int{"tcp": 9, "udp": 12, "udplite": 12, "sctp": 15}
	if i, ok := at[p.transport()]; ok {
		p.srcPort, p.dstPort, p.stream = last(v[i]), last(v[i+1]), last(v[i+2])
	}
	return p, nil
}

// last returns the last of several values.
func last(list string) string { return list[strings.LastIndex(list, ",")+1:] }

// compare lets capinfos and tcpdump count what tshark read to its end. They may
// fail to read a file, but not differ.
func (f *Facts) compare(path string) error {
	if !f.Complete {
		return nil
	}
	out, err := run(path, "capinfos", []string{"-T", "-M", "-r", "-c", "-d", path})
	if fields := strings.Fields(string(out)); err == nil && len(fields) >= 3 {
		n := len(fields)
		if fields[n-2] != strconv.Itoa(f.Packets) || fields[n-1] != strconv.Itoa(f.Bytes) {
			return fmt.Errorf("%s: capinfos counts %s packets of %s bytes, tshark %d of %d", path, fields[n-2], fields[n-1], f.Packets, f.Bytes)
		}
	}
	out, err = run(path, "tcpdump", []string{"--count", "-r", path})
	if count, _, ok := strings.Cut(string(out), " packet"); err == nil && ok && count != strconv.Itoa(f.Packets) {
		return fmt.Errorf("%s: tcpdump counts %s packets, tshark %d", path, count, f.Packets)
	}
	return nil
}

// run returns what a tool prints. A file compressed by xz, which none of them
// reads, comes to it through a pipe.
func run(path, tool string, args []string) ([]byte, error) {
	c := exec.Command(tool, args...)
	if strings.HasSuffix(path, ".xz") {
		for i, a := range args {
			if a == path {
				args[i] = "-"
			}
		}
		plain, err := exec.Command("xz", "-dc", path).Output()
		if err != nil {
			return nil, fmt.Errorf("xz -dc %s: %w", path, err)
		}
		c = exec.Command(tool, args...)
		c.Stdin = bytes.NewReader(plain)
	}
	out, err := c.Output()
	if err != nil {
		return out, fmt.Errorf("%s %s: %w", tool, path, err)
	}
	return out, nil
}
