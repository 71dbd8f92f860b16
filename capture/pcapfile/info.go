package pcapfile

import (
	"bytes"
	"net/netip"
)

// File is what a capture file says about itself.
type File struct {
	Path        string // as given
	Format      string // "pcap" or "pcapng"
	Compression string // "gzip", "zstd", "lz4", "xz"; empty for a plain file

	// The rest is only in pcapng files that say so.
	Hardware    string   // machine that captured
	OS          string   // operating system of that machine
	Application string   // program that captured
	Comments    []string // on sections and interfaces
	Names       []Name   // resolved when captured
	Secrets     int      // blocks with the keys of encrypted traffic
}

// Name is a name that a capture file gives to an address.
type Name struct {
	Addr netip.Addr
	Name string
}

// Bounds of what is kept for one file. What is beyond is not worth the memory.
const (
	maxComments = 1 << 10
	maxNames    = 1 << 16
)

func (i *File) addComment(b []byte) {
	if len(i.Comments) < maxComments {
		i.Comments = append(i.Comments, text(b))
	}
}

// names reads a Name Resolution Block, draft-ietf-opsawg-pcapng, section 4.5:
// records of a type, a length, and a value that is padded to a multiple of
// four. The value is an address and zero-terminated names.
func (f *pcapng) names(s *stream, body []byte) (reason string) {
	// The records have the layout of options, and end as they do.
	const (
		ipv4 = 1
		ipv6 = 2
	)
	o := f.order.options(body)
	for o.next() {
		n := 0
		switch o.code {
		case ipv4:
			n = 4
		case ipv6:
			n = 16
		}
		if n == 0 || len(o.value) < n {
			continue
		}
		addr, _ := netip.AddrFromSlice(o.value[:n])
		for name := range bytes.SplitSeq(o.value[n:], []byte{0}) {
			if len(name) > 0 && len(s.info.Names) < maxNames {
				s.info.Names = append(s.info.Names, Name{Addr: addr, Name: string(name)})
			}
		}
	}
	return o.reason
}
