package pcapfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"pkt/packet"

	"github.com/google/go-cmp/cmp"
)

// open returns a reader of a capture in memory.
func openBytes(b []byte) *Reader { return NewReader(bytes.NewReader(b), "t.pcap", Options{}) }

// record returns a record of a pcap file, with what a variant adds behind the
// two lengths.
func record(bo binary.AppendByteOrder, sec, frac, capLen, wireLen uint32, extra, frame []byte) []byte {
	b := bo.AppendUint32(nil, sec)
	b = bo.AppendUint32(b, frac)
	b = bo.AppendUint32(b, capLen)
	b = bo.AppendUint32(b, wireLen)
	b = append(b, extra...)
	return append(b, frame...)
}

// header returns a pcap file header.
func header(bo binary.AppendByteOrder, magic uint32, minor uint16, snapLen, link uint32) []byte {
	b := bo.AppendUint32(nil, magic)
	b = bo.AppendUint16(b, 2)
	b = bo.AppendUint16(b, minor)
	b = append(b, make([]byte, 8)...) // time zone, accuracy
	b = bo.AppendUint32(b, snapLen)
	return bo.AppendUint32(b, link)
}

func TestPcapVariants(t *testing.T) {
	frame := []byte("frame")
	kuznetzov := []byte{
		0, 0, 0, 1, // interface
		8, 0, // EtherType
		4, 0, // packet type: outgoing; padding
	}
	netsniff := []byte{
		0, 1, 0, 2, // source of the time stamp, interface
		8, 0, // EtherType
		1, 0, // hardware type, packet type: to us
	}
	tests := []struct {
		name  string
		magic uint32
		extra []byte
		nanos int64
		dir   packet.Dir
	}{
		{"microseconds", 0xa1b2c3d4, nil, 7_000_500_000, packet.DirUnknown},
		{"nanoseconds", 0xa1b23c4d, nil, 7_000_000_500, packet.DirUnknown},
		{"Kuznetzov", 0xa1b2cd34, kuznetzov, 7_000_500_000, packet.DirOut},
		{"netsniff-ng", 0xa1e2cb12, netsniff, 7_000_000_500, packet.DirIn},
	}
	for _, tt := range tests {
		for _, bo := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			t.Run(fmt.Sprintf("%s/%v", tt.name, bo), func(t *testing.T) {
				// The upper bits of the link type tell of an FCS of 4 bytes.
				file := header(bo, tt.magic, 4, 1000, 0x24000001)
				file = append(file, record(bo, 7, 500, 5, 90, tt.extra, frame)...)
				file = append(file, record(bo, 8, 0, 0, 60, tt.extra, nil)...)
				rd := openBytes(file)
				all := readAll(t, rd)
				if len(all) != 2 || len(rd.Damage()) != 0 {
					t.Fatalf("%d packets, damage %v", len(all), rd.Damage())
				}
				want := packet.Record{Nanos: tt.nanos, CapLen: 5, WireLen: 90, Link: 1, Dir: tt.dir}
				if all[0].Record != want || !bytes.Equal(all[0].Frame, frame) {
					t.Errorf("got %+v %q, want %+v", all[0].Record, all[0].Frame, want)
				}
				if all[1].CapLen != 0 || all[1].WireLen != 60 || all[1].Num != 2 {
					t.Errorf("the empty frame: %+v", all[1])
				}
				iface := packet.Iface{
					File: "t.pcap", Link: 1, SnapLen: 1000, BigEndian: bo == binary.AppendByteOrder(binary.BigEndian),
					Micros: tt.nanos%1000 == 0,
				}
				if diff := cmp.Diff([]packet.Iface{iface}, rd.Ifaces()); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Old versions have the lengths of a record the other way round.
func TestPcapOldVersions(t *testing.T) {
	bo := binary.LittleEndian
	for _, minor := range []uint16{2, 3} {
		file := header(bo, 0xa1b2c3d4, minor, 1000, 1)
		file = append(file, record(bo, 1, 0, 90, 5, nil, []byte("frame"))...)
		all := readAll(t, openBytes(file))
		if len(all) != 1 || all[0].CapLen != 5 || all[0].WireLen != 90 {
			t.Errorf("version 2.%d: %+v", minor, all)
		}
	}
}

func TestPcapDamage(t *testing.T) {
	bo := binary.LittleEndian
	good := append(header(bo, 0xa1b2c3d4, 4, 1000, 1), record(bo, 1, 0, 4, 4, nil, []byte("good"))...)
	tests := []struct {
		name, reason string
		tail         []byte
	}{
		{"length beyond reason", "record of 4294967295 bytes", record(bo, 1, 0, 0xffffffff, 0xffffffff, nil, nil)},
		{"just beyond the limit", "record of 1048577 bytes", record(bo, 1, 0, minLimit+1, 0, nil, make([]byte, minLimit+1))},
		{"cut in the frame", "truncated", record(bo, 1, 0, 4, 4, nil, []byte("bad"))},
		{"cut in the header", "truncated", []byte{1, 0, 0, 0, 0}},
	}
	for _, tt := range tests {
		rd := openBytes(append(bytes.Clone(good), tt.tail...))
		if all := readAll(t, rd); len(all) != 1 {
			t.Errorf("%s: %d packets before the damage, want 1", tt.name, len(all))
		}
		d := rd.Damage()
		if len(d) != 1 || d[0].Packet != 2 || d[0].Offset != int64(len(good)) || d[0].Reason != tt.reason || d[0].File != "t.pcap" {
			t.Errorf("%s: damage %+v, want %q", tt.name, d, tt.reason)
		}
		if n := rd.Stats().Damaged.Load(); n != 1 {
			t.Errorf("%s: %d places counted", tt.name, n)
		}
	}
}

// Frames may be longer than a block, and longer than the snapshot length.
func TestPcapLargeFrames(t *testing.T) {
	bo := binary.LittleEndian
	for _, snapLen := range []uint32{1000, 4 << 20} {
		big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
		if snapLen > minLimit {
			big = bytes.Repeat(big, 4)
		}
		file := header(bo, 0xa1b2c3d4, 4, snapLen, 1)
		small := []byte("small")
		for range 3 {
			file = append(file, record(bo, 1, 0, uint32(len(big)), uint32(len(big)), nil, big)...)
			file = append(file, record(bo, 2, 0, 5, 5, nil, small)...)
		}
		all := readAll(t, openBytes(file))
		if len(all) != 6 {
			t.Fatalf("snapshot length %d: %d packets, want 6", snapLen, len(all))
		}
		for i, p := range all {
			want := big
			if i%2 == 1 {
				want = small
			}
			if !bytes.Equal(p.Frame, want) {
				t.Errorf("snapshot length %d: packet %d has %d bytes, or wrong ones", snapLen, i+1, len(p.Frame))
			}
		}
	}
}

// Files of Nokia's IPSO have longer headers under the usual magic number.
func TestNokia(t *testing.T) {
	for _, o := range []order{littleEndian, bigEndian} {
		usual := pcapBytes(50)
		for at := pcapHeaderLen; at < len(usual); at += pcapRecordLen + int(littleEndian.u32(usual[at+8:])) {
			littleEndian.put32(usual[at:], 1_700_000_000)
		}
		data := slices.Clone(usual[:pcapHeaderLen])
		for at := pcapHeaderLen; at < len(usual); {
			n := int(littleEndian.u32(usual[at+8:]))
			h := usual[at : at+pcapRecordLen]
			for i := range 4 {
				data = o.append32(data, littleEndian.u32(h[4*i:]))
			}
			data = append(data, 1, 2, 3, 4)
			data = append(data, usual[at+pcapRecordLen:at+pcapRecordLen+n]...)
			at += pcapRecordLen + n
		}
		if o == bigEndian {
			h := data[:0:0]
			h = o.append32(h, 0xa1b2c3d4)
			h = o.append16(o.append16(h, 2), 4)
			h = o.append32(o.append32(o.append64(h, 0), 65535), 1)
			copy(data, h)
		}
		want := readAll(t, open(t, writeFile(t, "usual.pcap", usual)))
		rd := open(t, writeFile(t, "nokia.pcap", data))
		got := readAll(t, rd)
		if len(got) != len(want) || len(rd.Damage()) > 0 {
			t.Fatalf("%d packets, want %d; %v", len(got), len(want), rd.Damage())
		}
		for i := range got {
			if got[i].Nanos != want[i].Nanos || !bytes.Equal(got[i].Frame, want[i].Frame) {
				t.Fatalf("packet %d: %+v, want %+v", i+1, got[i], want[i])
			}
		}
	}
}

// A file may end anywhere.
func TestNokiaCut(t *testing.T) {
	usual := pcapBytes(3)
	for n := range usual {
		rd, err := Open([]string{writeFile(t, "cut.pcap", usual[:n])}, Options{})
		if err != nil {
			continue
		}
		all := readAll(t, rd)
		rd.Close()
		for i, p := range all {
			if int(littleEndian.u32(p.Frame)) != i {
				t.Fatalf("%d bytes: packet %d is % x", n, i, p.Frame)
			}
		}
	}
}

// What editcap writes as Nokia's is read as what it was made of.
func TestNokiaOfEditcap(t *testing.T) {
	editcap, err := exec.LookPath("editcap")
	if err != nil {
		t.Skip("editcap is not installed")
	}
	in := "../../testdata/pcaps/office/in.pcap"
	out := filepath.Join(t.TempDir(), "nokia.pcap")
	if b, err := exec.Command(editcap, "-F", "nokiapcap", in, out).CombinedOutput(); err != nil {
		t.Skipf("%v: %s", err, b)
	}
	compareTrip(t, "nokia", false, readAll(t, open(t, out)), readAll(t, open(t, in)))
}
