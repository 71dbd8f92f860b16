package pkttest

import (
	"encoding/binary"
	"hash/crc32"
)

// SCTP is the common header of RFC 9260.
type SCTP struct {
	SrcPort, DstPort uint16
	Tag              uint32 // verification tag
	Checksum         *uint32
}

func (s SCTP) build(_ place, body []byte) []byte {
	out := make([]byte, 12, 12+len(body))
	out = append(out, body...)
	be.PutUint16(out, s.SrcPort)
	be.PutUint16(out[2:], s.DstPort)
	be.PutUint32(out[4:], s.Tag)
	sum := crc32.Checksum(out, crc32.MakeTable(crc32.Castagnoli))
	if s.Checksum != nil {
		sum = *s.Checksum
	}
	binary.LittleEndian.PutUint32(out[8:], sum) // the CRC is sent in reflected order
	return out
}

// SCTP chunk types.
const (
	ChunkData         = 0
	ChunkInit         = 1
	ChunkInitAck      = 2
	ChunkSack         = 3
	ChunkAbort        = 6
	ChunkShutdown     = 7
	ChunkShutdownAck  = 8
	ChunkCookieEcho   = 10
	ChunkCookieAck    = 11
	ChunkShutdownDone = 14
)

// Chunk is one chunk of an SCTP packet: a type, flags and whatever it holds.
type Chunk struct {
	Type, Flags uint8
	Value       []byte
}

func (k Chunk) build(_ place, body []byte) []byte {
	out := be.AppendUint16([]byte{k.Type, k.Flags}, uint16(4+len(k.Value)))
	return append(append(out, pad4(k.Value)...), body...)
}
