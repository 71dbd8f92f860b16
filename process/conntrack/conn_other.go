//go:build !linux

package conntrack

import "errors"

// Conn hears of translated connections.
type Conn struct{}

// Loaded reports false.
func Loaded() bool { return false }

// Dial returns errors.ErrUnsupported.
func Dial() (*Conn, error) { return nil, errors.ErrUnsupported }

// Close does nothing.
func (*Conn) Close() error { return nil }

// List returns errors.ErrUnsupported.
func List(func(Connection)) error { return errors.ErrUnsupported }

// Events returns errors.ErrUnsupported.
func (*Conn) Events(func(Connection)) (bool, error) { return false, errors.ErrUnsupported }
