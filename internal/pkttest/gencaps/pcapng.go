package main

import (
	"encoding/binary"

	"pkt/internal/pkttest"
)

// pcapngVariants returns captures in all that the pcapng format allows.
func pcapngVariants() testCase {
	packets := web("10.0.0.1:40000", 3000).Packets
	for i := range packets {
		packets[i].Nanos += nanosecond
	}
	return testCase{
		name:  "pcapng",
		title: "Variants of the pcapng format",
		about: `
13 packets of one TCP conversation, the first at 2025-06-16 09:00:00.123456789 UTC, unless the table says otherwise.

| file | what is in it |
|---|---|
| little.pcapng, big.pcapng | one section, one interface, enhanced packet blocks, microseconds |
| resolutions.pcapng | interfaces with units of 1 s/10^6 (by default), 10^3, 10^6, 10^9, 2^20 and 2^30; packets take turns |
| offset.pcapng | times as distance from an offset of 1,750,000,000 s |
| simple.pcapng | simple packet blocks: no times; the interface's snapshot length cuts packets after 100 bytes |
| obsolete.pcapng | obsolete packet blocks; 3 packets were dropped before packet 5 |
| two-interfaces.pcapng | Ethernet "eth0" and raw IP "tun0"; packets alternate |
| sections.pcapng | three sections: little-endian, big-endian, little-endian; 13 packets in each, on an interface of each one's own |
| comments.pcapng | comments on the section, the interface, packet 1 and (two of them) packet 2; interface with name, description and operating system |
| drops.pcapng | packet 4 says that 7 were dropped before it; an interface statistics block: 1,000 received, 20 dropped |
| process.pcapng | packets of the client belong to process 4711, thread 4712; flags tell directions |
| mixed.pcapng | name resolution, decryption secrets, a custom block, a block of an unknown type and unknown options between the packets |
| no-interface.pcapng | a section without interface or packet: a capture of no packets |
| late-interface.pcapng | the second interface is described after packet 6 |`,
		files: []file{
			{"little.pcapng", plainNG(binary.LittleEndian, packets)},
			{"big.pcapng", plainNG(binary.BigEndian, packets)},
			{"resolutions.pcapng", resolutions(packets)},
			{"offset.pcapng", begin(pkttest.Interface{Link: pkttest.LinkEthernet, Offset: 1_750_000_000, Resol: 9}).Packets(packets...).Bytes()},
			{"simple.pcapng", simple(packets)},
			{"obsolete.pcapng", obsolete(packets)},
			{"two-interfaces.pcapng", twoInterfaces(packets)},
			{"sections.pcapng", sections(packets)},
			{"comments.pcapng", comments(packets)},
			{"drops.pcapng", drops(packets)},
			{"process.pcapng", processes(packets)},
			{"mixed.pcapng", mixed(packets)},
			{"no-interface.pcapng", new(pkttest.PcapNG).Section(binary.LittleEndian).Bytes()},
			{"late-interface.pcapng", lateInterface(packets)},
		},
	}
}

// begin returns a little-endian file with one interface.
func begin(i pkttest.Interface) *pkttest.PcapNG {
	return new(pkttest.PcapNG).Section(binary.LittleEndian).Interface(i)
}

// eth0 is the interface of most files.
func eth0() pkttest.Interface {
	return pkttest.Interface{Link: pkttest.LinkEthernet, SnapLen: 262144, Name: "eth0"}
}

func plainNG(order binary.AppendByteOrder, packets []pkttest.Packet) []byte {
	return new(pkttest.PcapNG).Section(order).Interface(eth0()).Packets(packets...).Bytes()
}

func resolutions(packets []pkttest.Packet) []byte {
	w := new(pkttest.PcapNG).Section(binary.LittleEndian)
	units := []uint8{0, 3, 6, 9, 0x80 | 20, 0x80 | 30}
	for _, u := range units {
		w.Interface(pkttest.Interface{Link: pkttest.LinkEthernet, Resol: u})
	}
	for i, p := range packets {
		p.Iface = i % len(units)
		w.Enhanced(p)
	}
	return w.Bytes()
}

func simple(packets []pkttest.Packet) []byte {
	i := eth0()
	i.SnapLen = 100
	w := begin(i)
	for _, p := range packets {
		w.Simple(p.Snap(100))
	}
	return w.Bytes()
}

func obsolete(packets []pkttest.Packet) []byte {
	w := begin(eth0())
	for i, p := range packets {
		lost := uint16(0)
		if i == 4 {
			lost = 3
		}
		w.Obsolete(p, lost)
	}
	return w.Bytes()
}

func twoInterfaces(packets []pkttest.Packet) []byte {
	const ethernet = 14
	w := begin(eth0()).Interface(pkttest.Interface{Link: pkttest.LinkRaw, Name: "tun0"})
	for i, p := range packets {
		if p.Iface = i % 2; p.Iface == 1 {
			p.Data = p.Data[ethernet:]
		}
		w.Enhanced(p)
	}
	return w.Bytes()
}

func sections(packets []pkttest.Packet) []byte {
	w := new(pkttest.PcapNG)
	names := []string{"eth0", "eth1", "eth0"}
	for i, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian, binary.LittleEndian} {
		w.Section(order).Interface(pkttest.Interface{Link: pkttest.LinkEthernet, Name: names[i], Resol: uint8(6 + i)})
		for _, p := range packets {
			p.Nanos += int64(i) * 60e9
			w.Enhanced(p)
		}
	}
	return w.Bytes()
}

func comments(packets []pkttest.Packet) []byte {
	var order pkttest.PcapNG
	order.Section(binary.LittleEndian)
	note := func(s string) []byte { return order.Option(pkttest.OptComment, []byte(s)) }
	i := eth0()
	i.Desc, i.OS, i.Comments = "the uplink", "Linux 6.1", []string{"cable 7"}
	w := new(pkttest.PcapNG).Section(binary.LittleEndian, note("taken in the cellar"), order.Option(pkttest.OptSHBOS, []byte("Linux 6.1"))).Interface(i)
	for n, p := range packets {
		switch n {
		case 0:
			p.Options = note("here it begins")
		case 1:
			p.Options = append(note("first of two"), note("second of two, with ümlaut")...)
		}
		w.Enhanced(p)
	}
	return w.Bytes()
}

func drops(packets []pkttest.Packet) []byte {
	w := begin(eth0())
	for i, p := range packets {
		if i == 3 {
			p.Options = w.Option64(pkttest.OptEPBDrops, 7)
		}
		w.Enhanced(p)
	}
	return w.Statistics(0, packets[len(packets)-1].Nanos, 1000, 20).Bytes()
}

func processes(packets []pkttest.Packet) []byte {
	const inbound, outbound = 1, 2
	w := begin(eth0())
	for _, p := range packets {
		if p.Data[5] == 1 { // to the client
			p.Options = w.Option32(pkttest.OptEPBFlags, inbound)
		} else {
			p.Options = append(w.Option32(pkttest.OptEPBFlags, outbound),
				w.Option64(pkttest.OptEPBProcess, 4712<<32|4711)...) // little-endian: the process stands first
		}
		w.Enhanced(p)
	}
	return w.Bytes()
}

func mixed(packets []pkttest.Packet) []byte {
	const custom, unknown = 0xbad, 0x0badcafe
	w := begin(eth0())
	w.Name("10.0.0.2", "www.example.com").Name("2001:db8::2", "six.example.com").Secrets("CLIENT_RANDOM 00 11\n")
	for i, p := range packets {
		switch i {
		case 3:
			w.Block(custom, []byte{0, 0, 0x7e, 0xd9, 1, 2, 3, 4}) // number of an enterprise, then its data
		case 5:
			w.Block(unknown, []byte("nobody knows"))
		case 7:
			p.Options = w.Option(0x7abc, []byte("nor this"))
		}
		w.Enhanced(p)
	}
	return w.Bytes()
}

func lateInterface(packets []pkttest.Packet) []byte {
	w := begin(eth0()).Packets(packets[:6]...)
	w.Interface(pkttest.Interface{Link: pkttest.LinkEthernet, Name: "eth1", Resol: 9})
	for _, p := range packets[6:] {
		p.Iface = 1
		w.Enhanced(p)
	}
	return w.Bytes()
}
