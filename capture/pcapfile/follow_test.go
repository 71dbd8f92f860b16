package pcapfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pkt/packet"
)

// followed reads a followed reader until so many packets have come, and returns
// the first four bytes of each, which number them.
func followed(t *testing.T, rd *Reader, n int) (numbers []uint32) {
	t.Helper()
	var b packet.Batch
	for end := time.Now().Add(10 * time.Second); len(numbers) < n; {
		if err := rd.Next(&b); err != nil || time.Now().After(end) {
			t.Fatalf("%d packets of %d, then %v", len(numbers), n, err)
		}
		for i := range b.N {
			numbers = append(numbers, littleEndian.u32(b.Frame(i)))
		}
	}
	b.Reset()
	return numbers
}

// quiet checks that nothing more comes.
func quiet(t *testing.T, rd *Reader) {
	t.Helper()
	var b packet.Batch
	for range 3 {
		if err := rd.Next(&b); err != nil || b.N > 0 {
			t.Fatalf("%d packets more, %v", b.N, err)
		}
	}
}

func checkNumbers(t *testing.T, got []uint32, from int) {
	t.Helper()
	for i, n := range got {
		if int(n) != from+i {
			t.Fatalf("packet %d is number %d, want %d", i, n, from+i)
		}
	}
}

// piece returns a capture of the packets with the numbers from a to b.
func piece(a, b int) []byte {
	all := pcapBytes(b)
	at := pcapHeaderLen
	for range a {
		at += pcapRecordLen + int(littleEndian.u32(all[at+8:]))
	}
	return append(all[:pcapHeaderLen:pcapHeaderLen], all[at:]...)
}

func follower(t *testing.T, paths ...string) *Reader {
	t.Helper()
	rd, err := Open(paths, Options{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rd.Close() })
	return rd
}

// A file that is cut and written anew is read from its start.
func TestFollowTruncated(t *testing.T) {
	path := writeFile(t, "a.pcap", piece(0, 10))
	rd := follower(t, path)
	checkNumbers(t, followed(t, rd, 10), 0)
	quiet(t, rd)
	if err := os.WriteFile(path, piece(10, 15), 0o600); err != nil {
		t.Fatal(err)
	}
	checkNumbers(t, followed(t, rd, 5), 10)
	quiet(t, rd)
	if len(rd.Damage()) > 0 {
		t.Error(rd.Damage())
	}
}

// A new file under the name of the old one is read when the old one is read to its
// end, what was written to it after it was renamed included.
func TestFollowReplaced(t *testing.T) {
	path := writeFile(t, "a.pcap", piece(0, 10))
	rd := follower(t, path)
	checkNumbers(t, followed(t, rd, 10), 0)
	quiet(t, rd)
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	quiet(t, rd)
	f, err := os.OpenFile(path+".old", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write(piece(10, 13)[pcapHeaderLen:])
	f.Close()
	writeFileTo(t, path, piece(13, 20))
	checkNumbers(t, followed(t, rd, 10), 10)
	quiet(t, rd)
	if len(rd.Damage()) > 0 {
		t.Error(rd.Damage())
	}
}

// The files of a rotation are followed in order, in a ring too, while they are
// written under their names and under those of parts.
func TestFollowRotation(t *testing.T) {
	for _, files := range []int{0, 3} {
		t.Run(fmt.Sprint(files), func(t *testing.T) {
			dir := t.TempDir()
			const packets = 2000
			in := open(t, writeFile(t, "in.pcap", pcapBytes(packets)))
			r, err := NewRotator(filepath.Join(dir, "a.pcap"), WriteOptions{Unbuffered: true}, Rotation{Size: 40_000, Files: files})
			if err != nil {
				t.Fatal(err)
			}
			var b packet.Batch
			var rd *Reader
			n := 0
			for {
				if err := in.Next(&b); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				for i := 0; i < b.N; i += 100 { // less than a file at a time, so that no file is missed
					part := packet.FirstN(min(i+100, b.N)).AndNot(packet.FirstN(i))
					if err := r.Write(&b, part); err != nil {
						t.Fatal(err)
					}
					if rd == nil {
						rd = follower(t, filepath.Join(dir, "a.pcap*"))
					}
					checkNumbers(t, followed(t, rd, part.Len()), n)
					n += part.Len()
				}
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if quiet(t, rd); n != packets || len(rd.Damage()) > 0 {
				t.Error(n, rd.Damage())
			}
			if len(rd.follow.known) > 12 || files == 3 && len(rd.follow.known) > 4 {
				t.Errorf("%d files are kept in mind", len(rd.follow.known))
			}
		})
	}
}

// What is there when following begins is read in the order in which it was written.
func TestFollowMany(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"c.pcap", "a.pcap", "b.pcap"} {
		path := filepath.Join(dir, name)
		writeFileTo(t, path, piece(10*i, 10*i+10))
		at := time.Now().Add(time.Duration(i-10) * time.Second)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	rd := follower(t, filepath.Join(dir, "*.pcap"))
	checkNumbers(t, followed(t, rd, 30), 0)
	writeFileTo(t, filepath.Join(dir, "no.pcap"), []byte("this is no capture at all"))
	writeFileTo(t, filepath.Join(dir, "z.pcap"), piece(30, 40))
	checkNumbers(t, followed(t, rd, 10), 30)
	if len(rd.Damage()) != 1 {
		t.Error(rd.Damage())
	}
}
