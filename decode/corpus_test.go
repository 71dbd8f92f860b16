package decode

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// captured is one frame of a capture file.
type captured struct {
	link      uint16
	data      []byte
	wire      uint32
	bigEndian bool
}

// corpus returns the captures beside the repository.
func corpus(t testing.TB) []string {
	var files []string
	for _, dir := range []string{"streams/pcaps", "filters/captures"} {
		found, err := filepath.Glob(filepath.Join("../../shared/corpus", dir, "*.pcap*"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("no captures at ../shared/corpus")
	}
	return files
}

// readCapture calls visit for the frames of a file, at most limit of them, up
// to the first damage. The frame's bytes are valid during the call.
func readCapture(t testing.TB, path string, limit int, visit func(captured)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var magic [12]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil {
		return
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if binary.BigEndian.Uint32(magic[:]) == 0x0a0d0d0a {
		r, err := pcapgo.NewNgReader(f, pcapgo.NgReaderOptions{WantMixedLinkType: true})
		if err != nil {
			return
		}
		big := magic[8] == 0x1a
		for ; limit > 0; limit-- {
			data, ci, err := r.ReadPacketData()
			if err != nil {
				return
			}
			link := ci.AncillaryData[0].(layers.LinkType)
			visit(captured{uint16(link), data, uint32(ci.Length), big})
		}
		return
	}
	r, err := pcapgo.NewReader(f)
	if err != nil {
		return
	}
	r.SetSnaplen(1 << 20)
	for ; limit > 0; limit-- {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			return
		}
		visit(captured{uint16(r.LinkType()), data, uint32(ci.Length), magic[0] == 0xa1})
	}
}
