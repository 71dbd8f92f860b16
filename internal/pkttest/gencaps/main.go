// Gencaps writes the captures under testdata/pcaps that a program can make:
// a folder for each case with the capture, a README that tells what it shows,
// and what is expected of its flows. The same bytes come out every time; a test
// compares them with what is in the repository.
//
//	go run ./internal/pkttest/gencaps testdata/pcaps
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gencaps FOLDER")
		os.Exit(2)
	}
	for _, c := range cases() {
		if err := c.write(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, "gencaps:", err)
			os.Exit(1)
		}
	}
}

// cases returns all cases, in the order of the index.
func cases() []testCase {
	all := []testCase{
		office(),
		gameServer(),
		connStates(),
		handshakes(),
		portReuse(),
		streams(),
		fragments(),
		transports(),
		tunnels(),
		vlans(),
		extensionHeaders(),
		icmpErrors(),
		snaplen(),
		offload(),
		superPackets(),
		badChecksums(),
		linkTypes(),
		pcapVariants(),
		pcapngVariants(),
		compressed(),
		damage(),
		clockBackwards(),
		interleaved(),
	}
	return append(all, index(all))
}

// write puts the case's files into its folder.
func (c testCase) write(root string) error {
	dir := filepath.Join(root, c.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range c.all() {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
