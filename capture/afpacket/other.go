//go:build !linux

package afpacket

import (
	"pkt/capture"
	"pkt/packet"
)

// Capture is a capture.Source of packets from interfaces.
type Capture struct{}

var _ capture.Source = (*Capture)(nil)

// Open fails with ErrUnsupported.
func Open(Options) (*Capture, error) { return nil, ErrUnsupported }

// Interfaces fails with ErrUnsupported.
func Interfaces() ([]Interface, error) { return nil, ErrUnsupported }

// DefaultInterface fails with ErrUnsupported.
func DefaultInterface() (string, error) { return "", ErrUnsupported }

// Next implements capture.Source.
func (c *Capture) Next(b *packet.Batch) error { return ErrUnsupported }

// Close implements capture.Source.
func (c *Capture) Close() error { return nil }

// Stop ends the capture once all that the kernel holds was delivered.
func (c *Capture) Stop() {}

// Stats returns the counters of the capture.
func (c *Capture) Stats() *capture.Stats { return new(capture.Stats) }

// Ifaces returns the interfaces of the packets.
func (c *Capture) Ifaces() []packet.Iface { return nil }

// Targets returns the interfaces that the capture was opened on.
func (c *Capture) Targets() []Interface { return nil }

// InKernel reports whether the kernel runs the filters.
func (c *Capture) InKernel() bool { return false }
