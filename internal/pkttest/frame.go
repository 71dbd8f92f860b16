package pkttest

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Layer is one header of a frame, or its payload.
type Layer interface {
	// build returns the layer's bytes in front of body, which holds all that
	// is inside it. It may not change body.
	build(c place, body []byte) []byte
}

// place is where in a frame a layer stands.
type place struct {
	outer []Layer // what carries the layer, innermost last
	inner Layer   // what it carries; nil at the end of the frame
}

// Frame returns the bytes of a frame with the given layers, outermost first.
func Frame(layers ...Layer) []byte { return assemble(layers, 0) }

// assemble returns the bytes of the layers from the given one on, which know
// what carries them.
func assemble(layers []Layer, from int) []byte {
	var body []byte
	var inner Layer
	for i := len(layers) - 1; i >= from; i-- {
		body = layers[i].build(place{outer: layers[:i], inner: inner}, body)
		inner = layers[i]
	}
	return body
}

// Exactly returns a value for a header field in place of the computed one.
func Exactly(v uint16) *uint16 { return &v }

// or returns what overrules a computed value, or the computed value.
func or(exact *uint16, computed uint16) uint16 {
	if exact != nil {
		return *exact
	}
	return computed
}

// Payload is the content that the innermost header carries, or any bytes that
// no other layer describes.
type Payload []byte

func (p Payload) build(_ place, body []byte) []byte { return join(p, body) }

// Text is a payload written as a string.
type Text string

func (s Text) build(_ place, body []byte) []byte { return join([]byte(s), body) }

// Zeros is a payload of that many zero bytes.
type Zeros int

func (n Zeros) build(_ place, body []byte) []byte { return join(make([]byte, n), body) }

// Truncate returns the first n bytes of a frame, or all where it is shorter:
// what a capture with a snapshot length keeps.
func Truncate(frame []byte, n int) []byte { return frame[:min(n, len(frame))] }

// Corrupt returns a copy of a frame with the byte at off inverted.
func Corrupt(frame []byte, off int) []byte {
	out := append([]byte(nil), frame...)
	out[off] ^= 0xff
	return out
}

// join returns header and body in memory of their own.
func join(header, body []byte) []byte {
	out := make([]byte, 0, len(header)+len(body))
	return append(append(out, header...), body...)
}

var be = binary.BigEndian

// address parses an IP address; empty means the given default.
func address(s, otherwise string) netip.Addr {
	if s == "" {
		s = otherwise
	}
	return netip.MustParseAddr(s)
}

// hardware parses a MAC address.
func hardware(s string) []byte {
	var m [6]byte
	if _, err := fmt.Sscanf(s, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]); err != nil {
		panic(fmt.Sprintf("pkttest: %q is no MAC address", s))
	}
	return m[:]
}
