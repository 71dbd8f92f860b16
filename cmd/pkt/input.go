package main

import (
	"pkt/capture"
	"pkt/capture/pcapfile"
	"pkt/packet"
)

// input is where the packets of a session come from.
type input interface {
	capture.Source
	// Stats returns counters that any goroutine may read at any time.
	Stats() *capture.Stats
	// Ifaces and Damage return what is known of the input by now. They are called
	// from the goroutine that calls Next, or when the run is over.
	Ifaces() []packet.Iface
	Damage() []capture.Damage
	// Files returns the files that packets are read from.
	Files() []pcapfile.File
	// Live reports whether packets come from interfaces.
	Live() bool
}

// input opens what the flags name. A filter, which may be nil, is run by the
// kernel if it can.
func (s *sourceFlags) input(filter *captureFilter, note func(string, ...any)) (input, error) {
	if s.isLive() {
		return s.live.open(filter, note)
	}
	r, err := pcapfile.Open(s.read, pcapfile.Options{Follow: s.follow})
	if err != nil {
		return nil, err
	}
	return files{r}, nil
}

// files is the input from capture files.
type files struct{ *pcapfile.Reader }

// Live implements input.
func (files) Live() bool { return false }
