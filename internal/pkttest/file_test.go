package pkttest_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"pkt/internal/pkttest"
)

const start = 1_750_000_000_123_456_789

func TestPcapByGopacket(t *testing.T) {
	packets := pkttest.Every(start, 250*time.Millisecond, []byte("first frame"), []byte("second"))
	packets[1].WireLen = 600
	for _, f := range []pkttest.Pcap{{}, {BigEndian: true}, {Nano: true}, {BigEndian: true, Nano: true}} {
		f.Link, f.Packets = pkttest.LinkEthernet, packets
		r, err := pcapgo.NewReader(bytes.NewReader(f.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range packets {
			data, info, err := r.ReadPacketData()
			want := p.Nanos
			if !f.Nano {
				want -= want % 1000
			}
			if err != nil || !bytes.Equal(data, p.Data) || info.Timestamp.UnixNano() != want {
				t.Errorf("packet %d: %q at %v, %v", i, data, info.Timestamp.UnixNano(), err)
			}
		}
		if _, _, err := r.ReadPacketData(); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	}
}

func TestPcapNGByGopacket(t *testing.T) {
	resolutions := []uint8{0, 3, 6, 9, 0x80 | 9}          // gopacket rounds finer powers of two
	steps := []int64{1000, 1_000_000, 1000, 1, 1_953_125} // what a unit may lose, nanoseconds
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var w pkttest.PcapNG
		w.Section(order)
		for i, resol := range resolutions {
			w.Interface(pkttest.Interface{Link: pkttest.LinkEthernet, Resol: resol, Offset: int64(i) * 100, Name: "eth"})
		}
		for i := range resolutions {
			w.Enhanced(pkttest.Packet{Nanos: start, Data: []byte("frame"), Iface: i, Options: w.Option(pkttest.OptComment, []byte("note"))})
		}
		w.Name("192.0.2.1", "example.test").Statistics(0, start, 10, 2).Secrets("CLIENT_RANDOM 00 00\n")
		r, err := pcapgo.NewNgReader(bytes.NewReader(w.Bytes()), pcapgo.NgReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range resolutions {
			data, info, err := r.ReadPacketData()
			if err != nil {
				t.Fatal(err)
			}
			late := start - info.Timestamp.UnixNano()
			if string(data) != "frame" || info.InterfaceIndex != i || late < 0 || late > steps[i] {
				t.Errorf("%v: interface %d: %q on %d, %d ns off", order, i, data, info.InterfaceIndex, late)
			}
		}
		if _, _, err := r.ReadPacketData(); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	}
}
