//go:build !linux

package process

import "errors"

// Open returns errors.ErrUnsupported.
func Open(Options) (*Watcher, error) { return nil, errors.ErrUnsupported }

// Sockets returns errors.ErrUnsupported.
func Sockets(SocketOptions) (Listing, error) { return Listing{}, errors.ErrUnsupported }

// Examine returns what this system allows: nothing.
func Examine() []Check {
	return []Check{
		{Area: "capture", Name: "packet socket", Value: "no", Note: "live capture needs Linux; captures in files can be read"},
		{Area: "attribution", Name: "processes", Value: "no", Note: "finding the owners of traffic needs Linux"},
	}
}
