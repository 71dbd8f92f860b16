package pcapfile

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"pkt/packet"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var orders = []order{littleEndian, bigEndian}

func (big order) String() string {
	if big {
		return "big-endian"
	}
	return "little-endian"
}

// blocks puts blocks one behind the other.
func blocks(bs ...[]byte) []byte { return bytes.Join(bs, nil) }

// TestPcapng reads every kind of block.
func TestPcapng(t *testing.T) {
	for _, o := range orders {
		t.Run(o.String(), func(t *testing.T) {
			rd := openBytes(everyBlock(o))
			got := readAll(t, rd)
			if d := rd.Damage(); len(d) != 0 {
				t.Fatalf("damage: %v", d)
			}
			eth, raw := uint32(0), uint32(1)
			want := []packet.Record{
				{Nanos: 5_000, CapLen: 3, WireLen: 3, Iface: eth, Link: 1, Dir: packet.DirOut},
				{Nanos: 105_000_000_007, CapLen: 4, WireLen: 4, Iface: raw, Link: 101},
				{Nanos: 105_000_000_007, CapLen: 6, WireLen: 9, Iface: eth, Link: 1},
				{Nanos: 6_000, CapLen: 3, WireLen: 3, Iface: eth, Link: 1, Dir: packet.DirIn},
				{Nanos: 7_000, CapLen: 5, WireLen: 5, Iface: eth, Link: 1},
			}
			frames := []string{"abc", "defg", "simple", "old", "again"}
			notes := [][]packet.Note{
				{
					{Kind: packet.NoteComment, Text: "first"}, {Kind: packet.NoteComment, Text: "second"},
					{Kind: packet.NoteDrops, Count: 9}, {Kind: packet.NoteProcess, PID: 1203, TID: 1204},
				}, nil, nil,
				{{Kind: packet.NoteDrops, Count: 2}},
				{{Kind: packet.NoteIfaceDrop, Count: 50}},
			}
			if len(got) != len(want) {
				t.Fatalf("%d packets, want %d", len(got), len(want))
			}
			for i := range want {
				if got[i].Record != want[i] || string(got[i].Frame) != frames[i] || got[i].Num != uint64(i+1) {
					t.Errorf("packet %d: got %+v, want %+v", i+1, got[i], want[i])
				}
				if diff := cmp.Diff(notes[i], got[i].Notes); diff != "" {
					t.Errorf("notes of packet %d: %s", i+1, diff)
				}
			}
			checkEveryBlock(t, rd, o)
		})
	}
}

// everyBlock is a file of two sections with every kind of block.
func everyBlock(o order) []byte {
	eth := ngInterface(o, 1, 6,
		ngOption(o, 2, []byte("eth0")), ngOption(o, 3, []byte("uplink\x00")), ngOption(o, 12, []byte("Linux 6.1")))
	raw := ngInterface(o, 101, 0,
		ngOption(o, 2, []byte("tun0")),
		ngOption(o, 9, []byte{9}),                      // nanoseconds
		ngOption(o, 14, o.append64(nil, 100)),          // offset in seconds
		ngOption(o, 2989, []byte("an unknown option"))) // custom, not to be copied
	counters := func(ifDrops, osDrops uint64) []byte {
		return ngStatistics(o, 0,
			ngOption(o, 4, o.append64(nil, 1000)), // received
			ngOption(o, 5, o.append64(nil, ifDrops)), ngOption(o, 7, o.append64(nil, osDrops)))
	}
	names := blocks(
		ngOption(o, 1, []byte("\xc0\x00\x02\x01www.example\x00web\x00")),
		ngOption(o, 2, []byte("\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01v6.example\x00")),
		ngOption(o, 3, []byte("\x02\x00\x00\x00\x00\x01ether\x00")),
		ngOption(o, 0, nil))
	return blocks(
		ngSection(o, ngOption(o, optComment, []byte("a trace")), ngOption(o, 2, []byte("amd64")),
			ngOption(o, 3, []byte("Linux")), ngOption(o, 4, []byte("dumpcap"))),
		eth, raw,
		ngEnhanced(o, 0, 5, []byte("abc"),
			ngOption(o, optComment, []byte("first")), ngOption(o, optComment, []byte("second")),
			ngOption(o, 2, o.append32(nil, 2)), // flags: outbound
			ngOption(o, 3, []byte{0, 1, 2, 3}), // hash
			ngOption(o, 4, o.append64(nil, 9)), // dropped before
			ngOption(o, 8, o.append32(o.append32(nil, 1203), 1204))),
		ngBlock(o, blockNames, names),
		ngEnhanced(o, 1, 5_000_000_007, []byte("defg")),
		ngSimple(o, 9, []byte("simpleXYZ")), // cut to the snapshot length
		ngBlock(o, 0x40000bad, []byte("a custom block")),
		ngBlock(o, blockSecrets, []byte("TLSK\x04\x00\x00\x00keys")),
		ngObsolete(o, 0, 2, 6, []byte("old"), ngOption(o, 2, o.append32(nil, 1))),
		counters(30, 10), counters(35, 15),
		ngSection(o), eth, // the same interface again
		ngEnhanced(o, 0, 7, []byte("again")),
		counters(1, 0), // behind the last packet
	)
}

func checkEveryBlock(t *testing.T, rd *Reader, o order) {
	t.Helper()
	ifaces := []packet.Iface{
		{Name: "eth0", Desc: "uplink", OS: "Linux 6.1", File: "t.pcap", Link: 1, SnapLen: 6, BigEndian: bool(o)},
		{Name: "tun0", File: "t.pcap", Link: 101, BigEndian: bool(o)},
	}
	if diff := cmp.Diff(ifaces, rd.Ifaces()); diff != "" {
		t.Errorf("interfaces: %s", diff)
	}
	file := File{
		Path: "t.pcap", Format: "pcapng", Hardware: "amd64", OS: "Linux", Application: "dumpcap",
		Comments: []string{"a trace"}, Secrets: 1,
		Names: []Name{
			{netip.MustParseAddr("192.0.2.1"), "www.example"}, {netip.MustParseAddr("192.0.2.1"), "web"},
			{netip.MustParseAddr("2001:db8::1"), "v6.example"},
		},
	}
	if diff := cmp.Diff([]File{file}, rd.Files(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("file: %s", diff)
	}
	if d, i := rd.Stats().Drops.Load(), rd.Stats().IfaceDrops.Load(); d != 11 || i != 51 {
		t.Errorf("%d drops and %d of interfaces, want 11 and 51", d, i)
	}
}

// Sections may differ in byte order.
func TestPcapngMixedOrders(t *testing.T) {
	var file []byte
	for _, o := range []order{littleEndian, bigEndian, littleEndian} {
		file = append(file, blocks(ngSection(o), ngInterface(o, 0, 0), ngEnhanced(o, 0, 1, []byte("x")))...)
	}
	rd := openBytes(file)
	all := readAll(t, rd)
	if len(all) != 3 || len(rd.Ifaces()) != 2 {
		t.Fatalf("%d packets, interfaces %+v", len(all), rd.Ifaces())
	}
	for i, want := range []bool{false, true, false} {
		if got := rd.Ifaces()[all[i].Iface].BigEndian; got != want {
			t.Errorf("packet %d: big-endian %v", i+1, got)
		}
	}
}

// A block whose content is bad is skipped and counted, and reading goes on.
func TestPcapngBadBlocks(t *testing.T) {
	o := littleEndian
	long := o.append32(nil, 0) // interface
	long = o.append64(long, 0) // time
	long = o.append32(long, 5) // captured length: one more than there is
	long = o.append32(long, 5) // length on the wire
	long = append(long, 1, 2, 3, 4)
	tests := []struct {
		name, reason string
		block        []byte
		packets      int // that it delivers
	}{
		{"unknown interface", "packet of the unknown interface 7", ngEnhanced(o, 7, 1, nil), 0},
		{"short enhanced packet", badPacket, ngBlock(o, blockEnhanced, make([]byte, 16)), 0},
		{"captured length", "captured length of 5 bytes in a block of 24", ngBlock(o, blockEnhanced, long), 0},
		{"options", badOptions, ngEnhanced(o, 0, 1, []byte("x"), []byte{1, 0, 255, 255}), 1},
		{"empty simple packet", badPacket, ngBlock(o, blockSimple, nil), 0},
		{"short obsolete packet", badPacket, ngBlock(o, blockPacket, nil), 0},
		{"obsolete packet of no interface", "packet of the unknown interface 3", ngObsolete(o, 3, 0, 1, nil), 0},
		{"captured length of an obsolete packet", "captured length of 5 bytes in a block of 24", ngBlock(o, blockPacket, long), 0},
		{"statistics of no interface", "statistics of the unknown interface 3", ngStatistics(o, 3), 0},
		{"short statistics", "interface statistics of the wrong length", ngBlock(o, blockStatistics, nil), 0},
		{"short interface", "interface description of the wrong length", ngBlock(o, blockInterface, nil), 0},
		{"names", badOptions, ngBlock(o, blockNames, []byte{1, 0, 9, 0}), 0},
	}
	for _, tt := range tests {
		good := ngEnhanced(o, 0, 1, []byte("good"))
		rd := openBytes(blocks(ngSection(o), ngInterface(o, 1, 0), good, tt.block, good))
		if all := readAll(t, rd); len(all) != 2+tt.packets || string(all[len(all)-1].Frame) != "good" {
			t.Errorf("%s: %d packets, want %d", tt.name, len(all), 2+tt.packets)
		}
		if d := rd.Damage(); len(d) != 1 || d[0].Packet != 2 || d[0].Reason != tt.reason {
			t.Errorf("%s: damage %v, want %q", tt.name, d, tt.reason)
		}
	}
}

// A block that does not say where the next one begins ends the file.
func TestPcapngDamage(t *testing.T) {
	o := littleEndian
	good := ngEnhanced(o, 0, 1, []byte("good"))
	raw := func(words ...uint32) (b []byte) {
		for _, w := range words {
			b = o.append32(b, w)
		}
		return b
	}
	long := ngBlock(o, 77, make([]byte, 2*blockSize))
	long[len(long)-1] ^= 1
	tests := []struct {
		name, reason string
		block        []byte
	}{
		{"two lengths of a long unknown block", badLengths, long},
		{"no length", "block of 0 bytes", raw(blockEnhanced, 0, 0)},
		{"short length", "block of 8 bytes", raw(blockEnhanced, 8, 8)},
		{"odd length", "block of 13 bytes", raw(blockEnhanced, 13, 0, 13)},
		{"huge length", "block of 4294967292 bytes", raw(blockEnhanced, 0xfffffffc, 0)},
		{"huge length of an unknown block", "truncated", raw(77, 0xfffffffc, 0, 0, 0)},
		{"two lengths", badLengths, raw(blockEnhanced, 16, 0, 20)},
		{"section of no byte order", "section without byte order", raw(blockSection, 28, 0, 0, 0, 0, 28)},
		{"section of another version", "pcapng of version 2.0", raw(blockSection, 28, byteOrderMagic, 2, 0, 0, 28)},
		{"short section", "section header of the wrong length", raw(blockSection, 16, byteOrderMagic, 16)},
		{"cut", "truncated", good[:len(good)-1]},
	}
	for _, tt := range tests {
		before := blocks(ngSection(o), ngInterface(o, 1, 0), good)
		rd := openBytes(append(before, tt.block...))
		if all := readAll(t, rd); len(all) != 1 {
			t.Errorf("%s: %d packets, want 1", tt.name, len(all))
		}
		if d := rd.Damage(); len(d) != 1 || d[0].Packet != 2 || d[0].Offset != int64(len(before)) || d[0].Reason != tt.reason {
			t.Errorf("%s: damage %+v, want %q", tt.name, d, tt.reason)
		}
	}
}

// Unknown blocks are skipped without being held in memory, however long.
func TestPcapngLongUnknownBlock(t *testing.T) {
	o := littleEndian
	for _, size := range []int{blockSize - 100, blockSize, 3*blockSize + 4} {
		good := ngEnhanced(o, 0, 1, []byte("good"))
		long := ngBlock(o, blockSecrets, make([]byte, size))
		rd := openBytes(blocks(ngSection(o), ngInterface(o, 1, 0), good, long, good))
		var b packet.Batch
		n := 0
		for rd.Next(&b) == nil {
			n += b.N
			if len(b.Block.Bytes) != blockSize {
				t.Errorf("a block of %d bytes", len(b.Block.Bytes))
			}
		}
		if n != 2 || len(rd.Damage()) != 0 || rd.Files()[0].Secrets != 1 {
			t.Errorf("%d bytes: %d packets, damage %v, %d secrets", size, n, rd.Damage(), rd.Files()[0].Secrets)
		}
	}
}

// What a file may describe is bounded, and so are the damaged places kept.
func TestPcapngBounds(t *testing.T) {
	o := littleEndian
	file := ngSection(o)
	for i := range maxIfaces + 500 {
		file = append(file, ngInterface(o, 1, 0, ngOption(o, 2, fmt.Append(nil, i)))...)
	}
	file = append(file, ngEnhanced(o, maxIfaces-1, 1, []byte("good"))...)
	rd := openBytes(file)
	if all := readAll(t, rd); len(all) != 1 || rd.Ifaces()[all[0].Iface].Name != fmt.Sprint(maxIfaces-1) {
		t.Errorf("%d packets", len(all))
	}
	if n := rd.Stats().Damaged.Load(); n != 500 || len(rd.Damage()) != maxDamage || len(rd.Ifaces()) != maxIfaces {
		t.Errorf("%d damaged places, %d kept, %d interfaces", n, len(rd.Damage()), len(rd.Ifaces()))
	}
}
