package main

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"pkt/field"
	"pkt/output"
	"pkt/output/line"
	"pkt/packet"
)

type packetEntry = field.Entry[*packet.Batch]

// packetLooks are how tables show the columns of packets.
var packetLooks = map[string]look{
	"num":   {title: "#", priority: 3},
	"time":  {title: "TIME", priority: 2},
	"ts":    {title: "TIME", priority: 2},
	"src":   {title: "SOURCE", key: true},
	"dst":   {title: "DESTINATION", key: true},
	"proto": {priority: 4},
	"len":   {title: "LEN", priority: 5},
	"info":  {priority: 1},
}

// columns are the usual columns of a table. A layout of times that was asked
// for takes the place of tcpdump's ones.
func (d *dumpFlags) columns(layout output.TimeLayout) (cols []string) {
	if d.number {
		cols = append(cols, "num")
	}
	switch {
	case layout != output.TimeDefault:
		cols = append(cols, "ts")
	case d.stamps != line.StampNone:
		cols = append(cols, "time")
	}
	return append(cols, "src", "dst", "proto", "len", "info")
}

// Fields of packet records: those that stand first, those that stand last, and
// those that records leave out because others say the same. The rest stands
// between them.
var (
	recordHead = []string{"num", "ts", "iface", "file", "dir", "len", "caplen", "layers", "proto", "src_mac", "dst_mac",
		"vlan", "src_ip", "src_port", "dst_ip", "dst_port", "ttl"}
	recordTail = []string{"comment", "info", "problems"}
	recordLess = []string{"mac", "host", "tos"}
)

// packetRecord returns the fields of a packet record.
func packetRecord() []string {
	names := slices.Clone(recordHead)
	for _, name := range namesOf(packetEntries(nil)) {
		if !slices.Contains(recordHead, name) && !slices.Contains(recordTail, name) && !slices.Contains(recordLess, name) {
			names = append(names, name)
		}
	}
	return append(names, recordTail...)
}

// needMarks reports whether a column that is printed is one that the marks of
// packets tell. Lines have none.
func (d *dumpFlags) needMarks(show *displayFlags) bool {
	if text, err := d.text(show); text || err != nil {
		return false
	}
	usual := packetRecord()
	if show.format == "table" {
		usual = []string{"info"}
	}
	entries := append(packetEntries(nil), dumpEntries(line.StampTime, time.UTC)...)
	picked, err := pick(show.fields, usual, entries, field.Packet)
	return err == nil && needMarks(namesOf(picked)...)
}

// packetRecords returns what records of packets look like.
func packetRecords() output.Record {
	entries := append(packetEntries(nil), dumpEntries(line.StampTime, time.UTC)...)
	picked, err := pick(nil, packetRecord(), entries, field.Packet)
	cobra.CheckErr(err)
	return output.Record{Type: "packet", Columns: output.Columns(picked)}
}

// packetFields are the fields that dump takes.
func packetFields() []field.Field {
	return fieldsOf(append(packetEntries(nil), dumpEntries(line.StampTime, time.UTC)...))
}

// dumpEntries are fields that are put together from others, for people.
func dumpEntries(stamps int, loc *time.Location) []packetEntry {
	return []packetEntry{
		dumpText("time", "time of capture as tcpdump writes it", stampColumn(stamps, loc)),
		dumpText("src", "source: address and port, or the address of the link layer", endpointColumn("src_ip", "src_port", "src_mac")),
		dumpText("dst", "destination: address and port, or the address of the link layer", endpointColumn("dst_ip", "dst_port", "dst_mac")),
		dumpText("info", "what the transport header says, for people", infoColumn()),
	}
}

func dumpText(name, doc string, col field.Column[*packet.Batch]) packetEntry {
	return packetEntry{Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Packet}, Col: col}
}

// columnOf returns the column of a field of packets.
func columnOf(name string) field.Column[*packet.Batch] {
	entries := packetEntries(nil)
	return entries[slices.IndexFunc(entries, func(e packetEntry) bool { return e.Name == name })].Col
}

// endpointColumn returns a column such as 10.0.0.1:443 or [2001:db8::1]:443, the
// address alone where there are no ports, and the hardware address of packets
// that are not IP.
func endpointColumn(ip, port, mac string) field.Column[*packet.Batch] {
	var ips, ports, macs field.Vector
	ipCol, portCol, macCol := columnOf(ip), columnOf(port), columnOf(mac)
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
		hasIP := ipCol(b, in, &ips)
		hasPort := portCol(b, hasIP, &ports)
		hasMAC := macCol(b, in.AndNot(hasIP), &macs)
		dst.Text = dst.Text[:0]
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			from := len(dst.Text)
			switch {
			case hasPort.Has(i):
				dst.Text = netip.AddrPortFrom(ips.Cells[i].Addr(), uint16(ports.Cells[i].Lo)).AppendTo(dst.Text)
			case hasIP.Has(i):
				dst.Text = ips.Cells[i].Addr().AppendTo(dst.Text)
			case hasMAC.Has(i):
				dst.Text = appendMAC(dst.Text, macs.Cells[i].Lo)
			}
			setText(dst, i, from)
		}
		return hasIP.Or(hasMAC)
	}
}

// setText makes row i the text that was appended from a position on.
func setText(dst *field.Vector, i, from int) {
	dst.Cells[i].Lo = uint64(from)<<32 | uint64(len(dst.Text)-from)
}

func appendMAC(dst []byte, mac uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 40; shift >= 0; shift -= 8 {
		dst = append(dst, digits[mac>>(shift+4)&15], digits[mac>>shift&15])
		if shift > 0 {
			dst = append(dst, ':')
		}
	}
	return dst
}

// stampColumn returns a column of times as tcpdump writes them. Those that
// count from another line remember it: the column must see the packets in order.
func stampColumn(stamps int, loc *time.Location) field.Column[*packet.Batch] {
	clock := line.NewClock(stamps, loc, false)
	return func(b *packet.Batch, in packet.Set, dst *field.Vector) packet.Set {
		dst.Text = dst.Text[:0]
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			at := len(dst.Text)
			dst.Text = bytes.TrimRight(clock.Append(dst.Text, b.Records[i].Nanos), " ")
			setText(dst, i, at)
		}
		return in
	}
}
