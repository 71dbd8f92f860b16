//go:build !linux

package process

import "errors"

// Open returns errors.ErrUnsupported.
func Open(Options) (*Watcher, error) { return nil, errors.ErrUnsupported }
