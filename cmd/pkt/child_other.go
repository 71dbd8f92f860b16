//go:build !linux

package main

import "errors"

// adopt returns errors.ErrUnsupported.
func adopt() error { return errors.ErrUnsupported }
