package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"time"

	"pkt/internal/pkttest"
)

// text returns a number in decimal.
func text(n uint32) string { return fmt.Sprint(n) }

// nanosecond is a fraction of a second that tells resolutions apart.
const nanosecond = 123_456_789

// pcapVariants returns one capture in every variant of the classic format.
func pcapVariants() testCase {
	packets := web("10.0.0.1:40000", 3000).Packets
	for i := range packets {
		packets[i].Nanos += nanosecond
	}
	f := func(change func(*pkttest.Pcap)) []byte {
		p := pkttest.Pcap{Link: pkttest.LinkEthernet, Packets: packets}
		change(&p)
		return p.Bytes()
	}
	return testCase{
		name:  "pcap",
		title: "Variants of the pcap format",
		about: `
The same 13 packets in each file, the first at 2025-06-16 09:00:00.123456789 UTC; files in microseconds lose the last three
digits. ` + "`fcs.pcap`" + ` says in the upper bits of the link type that frames have a check sequence of 4 bytes, which they have.`,
		files: []file{
			{"little-us.pcap", f(func(*pkttest.Pcap) {})},
			{"big-us.pcap", f(func(p *pkttest.Pcap) { p.BigEndian = true })},
			{"little-ns.pcap", f(func(p *pkttest.Pcap) { p.Nano = true })},
			{"big-ns.pcap", f(func(p *pkttest.Pcap) { p.BigEndian, p.Nano = true, true })},
			{"little-modified.pcap", f(func(p *pkttest.Pcap) { p.Modified = true })},
			{"big-modified.pcap", f(func(p *pkttest.Pcap) { p.BigEndian, p.Modified = true, true })},
			{"fcs.pcap", f(func(p *pkttest.Pcap) {
				p.Link |= 2<<28 | 1<<26 // in units of two bytes
				var with []pkttest.Packet
				for _, q := range p.Packets {
					q.Data = append(append([]byte(nil), q.Data...), 0xde, 0xad, 0xbe, 0xef)
					with = append(with, q)
				}
				p.Packets = with
			})},
		},
	}
}

// compressed returns one capture in every compression.
func compressed() testCase {
	raw := capture(web("10.0.0.1:40000", 20_000).Packets)
	half := len(raw) / 2
	return testCase{
		name:  "compressed",
		title: "Compressed captures",
		about: `
The same packets plain and in gzip, zstd, lz4 (frame format) and xz. ` + "`two-members.pcap.gz`" + ` is one capture in two gzip members,
as a tool that appends makes it. ` + "`cut.pcap.gz`" + ` ends in the middle of its compressed data. ` + "`no-suffix`" + ` is gzip without a
suffix: the format shows by its magic number. Those in zstd, lz4 and xz are made by ` + "`testdata/gen/compress.sh`" + `, with the
programs of these names.`,
		files: []file{
			{"plain.pcap", raw},
			{"in.pcap.gz", gzipped(raw)},
			{"two-members.pcap.gz", append(gzipped(raw[:half]), gzipped(raw[half:])...)},
			{"cut.pcap.gz", gzipped(raw)[:len(gzipped(raw))*2/3]},
			{"no-suffix", gzipped(raw)},
		},
	}
}

// gzipped returns data compressed by gzip. The writer under it is a buffer,
// which does not fail.
func gzipped(data []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}

// damage returns files that are not what they should be.
func damage() testCase {
	packets := web("10.0.0.1:40000", 8000).Packets
	good := capture(packets)
	const header, record = 24, 16
	third := header
	for _, p := range packets[:2] {
		third += record + len(p.Data)
	}
	edit := func(off int, v uint32) []byte {
		out := append([]byte(nil), good...)
		binary.LittleEndian.PutUint32(out[off:], v)
		return out
	}
	block := ngDamage(packets)
	return testCase{
		name:  "damage",
		title: "Damaged and odd files",
		about: `
| file | what is wrong | what can be had |
|---|---|---|
| empty.pcap | 0 bytes | nothing |
| header-only.pcap | nothing: a capture of no packets | 0 packets, no error |
| header-cut.pcap | ends after 20 bytes of the file header | nothing |
| text.pcap | a line of text | nothing |
| truncated.pcap | ends inside the last packet | all packets but that one |
| truncated-record.pcap | ends inside the header of packet 3 | 2 packets |
| hostile-length.pcap | packet 3 claims 4 GiB | 2 packets |
| large-length.pcap | packet 3 claims 200 MB | 2 packets |
| zeros.pcap | zeros from packet 3 on | 2 packets, then as many empty ones as the zeros hold, or an end |
| longer-than-wire.pcap | packet 3 has more captured bytes than original ones | all packets |
| fraction.pcap | packet 3 has 3,000,000 microseconds | all packets |
| ng-truncated.pcapng | ends inside the last block | all packets but the last |
| ng-hostile.pcapng | the third packet block claims 2 GiB | 2 packets |
| ng-length-zero.pcapng | the third packet block has length 0 | 2 packets |
| ng-trailer.pcapng | the two lengths of the third packet block differ | 2 packets |
| ng-caplen.pcapng | the third packet is longer than its block | 2 packets |
| ng-interface.pcapng | the third packet names an interface that was not described | 2 packets |
| ng-option.pcapng | an option of the third packet is longer than its block | 2 packets, or all where options are not read |

Whole files have ` + fmt.Sprint(len(packets)) + ` packets of one TCP conversation.`,
		files: append([]file{
			{"empty.pcap", nil},
			{"header-only.pcap", good[:header]},
			{"header-cut.pcap", good[:20]},
			{"text.pcap", []byte("this is not a capture, but a line of text that somebody wrote\n")},
			{"truncated.pcap", good[:len(good)-10]},
			{"truncated-record.pcap", good[:third+9]},
			{"hostile-length.pcap", edit(third+8, 0xffffffff)},
			{"large-length.pcap", edit(third+8, 200_000_000)},
			{"zeros.pcap", append(append([]byte(nil), good[:third]...), make([]byte, 400)...)},
			{"longer-than-wire.pcap", edit(third+12, 20)},
			{"fraction.pcap", edit(third+4, 3_000_000)},
		}, block...),
	}
}

// ngDamage returns pcapng files that go wrong at the third packet.
func ngDamage(packets []pkttest.Packet) []file {
	begin := func() *pkttest.PcapNG {
		w := new(pkttest.PcapNG).Section(binary.LittleEndian).Interface(pkttest.Interface{Link: pkttest.LinkEthernet, Name: "eth0"})
		return w.Packets(packets[:2]...)
	}
	third := begin().Enhanced(packets[2]).Bytes()[len(begin().Bytes()):]
	edited := func(off int, v uint32) []byte {
		b := append([]byte(nil), third...)
		binary.LittleEndian.PutUint32(b[off:], v)
		return begin().Raw(b).Packets(packets[3:]...).Bytes()
	}
	whole := begin().Packets(packets[2:]...).Bytes()
	w := begin()
	p := packets[2]
	p.Options = w.Option(pkttest.OptComment, []byte("fine"))
	binary.LittleEndian.PutUint16(p.Options[2:], 60000)
	return []file{
		{"ng-truncated.pcapng", whole[:len(whole)-7]},
		{"ng-hostile.pcapng", edited(4, 0x80000000)},
		{"ng-length-zero.pcapng", edited(4, 0)},
		{"ng-trailer.pcapng", edited(len(third)-4, 12)},
		{"ng-caplen.pcapng", edited(20, 0xfffffff0)},
		{"ng-interface.pcapng", edited(8, 9)},
		{"ng-option.pcapng", w.Enhanced(p).Packets(packets[3:]...).Bytes()},
	}
}

// clockBackwards returns packets whose times do not ascend.
func clockBackwards() testCase {
	c := web("10.0.0.1:40000", 6000)
	for i := range c.Packets {
		switch {
		case i == 4: // one packet two seconds early
			c.Packets[i].Nanos -= 2 * int64(time.Second)
		case i >= 8: // the clock was set back by an hour
			c.Packets[i].Nanos -= int64(time.Hour)
		}
	}
	zero := pkttest.At(0, pkttest.Datagram("10.0.0.1:50001", "10.0.0.2:53", pkttest.DNSQuery(1, "example.com", 1)))
	return testCase{
		name:  "clock",
		title: "A clock that goes backwards",
		about: `
One TCP conversation whose packet 5 is two seconds early and whose clock is set back by an hour from packet 9 on; it stays
one flow, in the order of the file, with no negative duration or rate. The last packet, a DNS query, has the time 0.`,
		files: one(append(c.Packets, zero)),
	}
}

// interleaved returns two files that belong together.
func interleaved() testCase {
	var even, odd []pkttest.Packet
	for i, p := range web("10.0.0.1:40000", 20_000).Packets {
		if i%2 == 0 {
			even = append(even, p)
		} else {
			odd = append(odd, p)
		}
	}
	own := pkttest.Every(at+1000, time.Millisecond, pkttest.Datagram("10.0.0.7:50001", "10.0.0.2:9000", pkttest.Text("only in a")))
	return testCase{
		name:  "merge",
		title: "Two files that interleave in time",
		about: `
The packets of one TCP conversation are dealt out to ` + "`a.pcap` and `b.pcap`" + ` in turn, one each. Merged by time they are one flow of
` + fmt.Sprint(len(even)+len(odd)) + ` packets without retransmissions or gaps. ` + "`a.pcap`" + ` has one UDP datagram besides.`,
		files: []file{{"a.pcap", capture(pkttest.Merge(even, own))}, {"b.pcap", capture(odd)}},
	}
}
