// Expect writes expected.json beside captures: what tools that are not pkt find
// in them. tshark reads each packet; this program only adds up. Where capinfos
// or tcpdump read the file to its end, they must count the same packets.
//
//	go run ./internal/pkttest/expect testdata/pcaps/*/
//
// It needs tshark, capinfos and tcpdump, and xz for files compressed by it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: expect FOLDER...")
		os.Exit(2)
	}
	for _, dir := range os.Args[1:] {
		if err := describe(dir); err != nil {
			fmt.Fprintln(os.Stderr, "expect:", err)
			os.Exit(1)
		}
	}
}

// describe writes the expected.json of one folder.
func describe(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	facts := map[string]*Facts{}
	for _, e := range entries {
		name := e.Name()
		if !strings.Contains(name, ".pcap") && name != "no-suffix" {
			continue
		}
		path := filepath.Join(dir, name)
		f, err := read(path)
		if err != nil {
			return err
		}
		if err := f.compare(path); err != nil {
			return err
		}
		facts[name] = f
	}
	out, err := layOut(facts)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "expected.json"), out, 0o644)
}

// layOut returns the facts as JSON with a line for each file and each flow.
func layOut(facts map[string]*Facts) ([]byte, error) {
	out, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	out = bytes.ReplaceAll(out, []byte(`{"proto"`), []byte("\n    {\"proto\""))
	for name := range facts {
		key := fmt.Appendf(nil, "%q:", name)
		out = bytes.Replace(out, key, append([]byte("\n  "), key...), 1)
	}
	return append(out, '\n'), nil
}
