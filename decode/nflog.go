package decode

import "encoding/binary"

// Linux netfilter log, https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html:
// a header, then attributes in the capturing host's byte order, each padded to
// 4 bytes. One of them is the packet.
//
//	+----------+-----------+------------+  +----------+--------+- - - -+
//	| family 1 | version 1 | resource 2 |  | length 2 | type 2 | value |
//	+----------+-----------+------------+  +----------+--------+- - - -+
const (
	nflogLen     = 4
	nflogAttrLen = 4
	nflogPayload = 9
	nflogType    = 0x7fff // without the flag for nesting
)

func (w *walker) nflog(off int) {
	if !w.enter(LayerNFLOG, off) {
		return
	}
	if w.lacks(off, nflogLen) {
		w.short(off)
		return
	}
	family := uint32(w.frame[off])
	for at := off + nflogLen; ; {
		if w.lacks(at, nflogAttrLen) {
			w.short(at)
			return
		}
		n, kind := int(w.host16(at)), w.host16(at+2)&nflogType
		if n < nflogAttrLen {
			w.short(at)
			return
		}
		if kind == nflogPayload {
			w.limit(at+nflogAttrLen, n-nflogAttrLen)
			w.family(family, at+nflogAttrLen)
			return
		}
		n = (n + 3) &^ 3
		if w.lacks(at, n) {
			w.short(at)
			return
		}
		at += n
	}
}

// host16 reads a 16-bit number in the capturing host's byte order.
func (w *walker) host16(off int) uint16 {
	if w.bigEndian {
		return be16(w.frame[off:])
	}
	return binary.LittleEndian.Uint16(w.frame[off:])
}
