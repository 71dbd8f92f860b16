package pcapfile

import (
	"os"
	"testing"
)

// setStdin makes f the standard input of the test.
func setStdin(t *testing.T, f *os.File) {
	t.Helper()
	old := os.Stdin
	os.Stdin = f
	t.Cleanup(func() { os.Stdin = old })
}

func TestStdin(t *testing.T) {
	data := pcapBytes(1000)
	open := map[string]func() *os.File{
		"pipe": func() *os.File {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				w.Write(data)
				w.Close()
			}()
			return r
		},
		"file": func() *os.File {
			f, err := os.Open(writeFile(t, "a.pcap", data))
			if err != nil {
				t.Fatal(err)
			}
			return f
		},
	}
	for name, open := range open {
		for _, paths := range [][]string{{"-"}, {"-", writeFile(t, "b.pcap", pcapBytes(10))}} {
			f := open()
			setStdin(t, f)
			rd, err := Open(paths, Options{})
			if err != nil {
				t.Fatal(err)
			}
			all := readAll(t, rd)
			if len(all) != 990+10*len(paths) || len(rd.Damage()) != 0 || rd.Ifaces()[all[0].Iface].File != "-" {
				t.Errorf("%s, %v: %d packets, damage %v", name, paths, len(all), rd.Damage())
			}
			if size := rd.Stats().Size.Load(); (size < 0) != (name == "pipe") {
				t.Errorf("%s, %v: size %d", name, paths, size)
			}
			f.Close()
		}
	}
}
