package pcapfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"
)

// corpora are captures of other projects. They stand beside the repository.
var corpora = []string{"streams/pcaps", "filters/captures"}

// corpusFiles returns all captures of the corpora.
func corpusFiles(tb testing.TB) (files []string) {
	tb.Helper()
	for _, dir := range corpora {
		dir = filepath.Join("../../../shared/corpus", dir)
		entries, err := os.ReadDir(dir)
		if err != nil {
			tb.Skipf("corpus is not there: %v", err)
		}
		for _, e := range entries {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// second is what pcapgo's readers of both formats have in common.
type second interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

// damagedFiles are the captures that are read up to their damage. capinfos and
// pcapgo stop at the same packet.
var damagedFiles = map[string]string{
	"ggopacket-pcapgo-tests-be-test901.pcapng":       "a second section of version 2.0",
	"ggopacket-pcapgo-tests-le-test901.pcapng":       "a second section of version 2.0",
	"sv-bug-1450-05-tls_DER-incomplete-content.pcap": "packet 7 of 6 claims 4,325,376 bytes",
}

// TestAgainstPcapgo reads every capture of the corpora with pcapgo too.
func TestAgainstPcapgo(t *testing.T) {
	for _, path := range corpusFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) { compareWithPcapgo(t, path) })
	}
}

func compareWithPcapgo(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rd, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ours := readAll(t, rd)
	theirs, link, err := newSecond(data)
	if err != nil {
		t.Fatalf("pcapgo: %v", err)
	}
	for i := 0; ; i++ {
		frame, info, err := theirs.ReadPacketData()
		if err != nil {
			_, damaged := damagedFiles[filepath.Base(path)]
			if i != len(ours) || errors.Is(err, io.EOF) == damaged || damaged != (len(rd.Damage()) > 0) {
				t.Errorf("pcapgo stops at packet %d of %d: %v; our damage: %v", i+1, len(ours), err, rd.Damage())
			}
			return
		}
		if i == len(ours) {
			t.Fatalf("pcapgo has more than our %d packets; our damage: %v", i, rd.Damage())
		}
		p := ours[i]
		if !bytes.Equal(p.Frame, frame) || int(p.WireLen) != info.Length {
			t.Errorf("packet %d: %d of %d bytes, pcapgo: %d of %d", i+1, p.CapLen, p.WireLen, info.CaptureLength, info.Length)
		}
		// A simple packet has no time; ours is that of the packet before.
		if !info.Timestamp.IsZero() && p.Nanos != info.Timestamp.UnixNano() {
			t.Errorf("packet %d: at %d, pcapgo: %d", i+1, p.Nanos, info.Timestamp.UnixNano())
		}
		if want := link(info); p.Link != want {
			t.Errorf("packet %d: link type %d, pcapgo: %d", i+1, p.Link, want)
		}
	}
}

// newSecond opens a capture with pcapgo. The function returns the link type of
// a packet that was read.
func newSecond(data []byte) (second, func(gopacket.CaptureInfo) uint16, error) {
	if _, ok := findPcapng(data); !ok {
		r, err := pcapgo.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, nil, err
		}
		return r, func(gopacket.CaptureInfo) uint16 { return uint16(r.LinkType()) }, nil
	}
	r, err := pcapgo.NewNgReader(bytes.NewReader(data), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		return nil, nil, err
	}
	return r, func(info gopacket.CaptureInfo) uint16 {
		iface, _ := r.Interface(info.InterfaceIndex)
		return uint16(iface.LinkType)
	}, nil
}
