package trace

import "encoding/binary"

// networkOrder returns a 16-bit number that a little-endian machine loads from
// network memory, as this machine loads it.
func networkOrder(little int32) int32 {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return little
	}
	return little>>8&0xff | little&0xff<<8
}
