//go:build !linux

package pcapfile

import "os"

// openStdin returns the standard input.
func openStdin() *os.File { return os.Stdin }
