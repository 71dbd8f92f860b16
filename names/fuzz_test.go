package names

import (
	"testing"
	"testing/fstest"
)

// FuzzReadSystem reads any text as each of the files.
func FuzzReadSystem(f *testing.F) {
	f.Add("ssh 22/tcp shell # remote\nip 0 IP\nloopback 127.0.0.0\n0:1:2:3:4:5 gate\n")
	f.Add("a 65536/tcp\nb -1/udp\nc 1.2.3.4.5\n:: x\n1:2 y\n/ /\n")
	f.Fuzz(func(t *testing.T, text string) {
		file := &fstest.MapFile{Data: []byte(text)}
		s, err := ReadSystem(fstest.MapFS{"services": file, "protocols": file, "networks": file, "ethers": file})
		if err != nil {
			t.Fatal(err)
		}
		s.Port("a", 6)
		if a, ok := s.Network("c"); ok && !a.Is4() {
			t.Fatalf("network %v", a)
		}
	})
}
