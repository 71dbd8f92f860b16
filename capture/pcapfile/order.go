package pcapfile

import (
	"encoding/binary"
	"math/bits"
)

// order is the byte order of a file or section; true is big-endian. It is not
// a binary.ByteOrder, because calls through an interface are not inlined.
type order bool

const (
	littleEndian order = false
	bigEndian    order = true
)

func (big order) u16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if big {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func (big order) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (big order) u64(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if big {
		v = bits.ReverseBytes64(v)
	}
	return v
}

func (big order) put32(b []byte, v uint32) {
	if big {
		v = bits.ReverseBytes32(v)
	}
	binary.LittleEndian.PutUint32(b, v)
}

func (big order) append16(b []byte, v uint16) []byte {
	if big {
		v = bits.ReverseBytes16(v)
	}
	return binary.LittleEndian.AppendUint16(b, v)
}

func (big order) append32(b []byte, v uint32) []byte {
	if big {
		v = bits.ReverseBytes32(v)
	}
	return binary.LittleEndian.AppendUint32(b, v)
}

func (big order) append64(b []byte, v uint64) []byte {
	if big {
		v = bits.ReverseBytes64(v)
	}
	return binary.LittleEndian.AppendUint64(b, v)
}
