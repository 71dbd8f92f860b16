package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

const root = "../../../testdata/pcaps"

// TestCurrent compares the captures in the repository with what the generator
// makes. Compressed ones are compared by their content, since a compressor may
// do better one day.
func TestCurrent(t *testing.T) {
	for _, c := range cases() {
		for _, f := range c.all() {
			path := filepath.Join(c.name, f.name)
			have, err := os.ReadFile(filepath.Join(root, path))
			if err != nil {
				t.Fatal(err)
			}
			same := bytes.Equal(unpack(t, have), unpack(t, f.data))
			if strings.HasPrefix(f.name, "cut.") { // where the cut falls depends on the compressor
				same = bytes.HasPrefix(unpack(t, c.files[0].data), unpack(t, have))
			}
			if !same {
				t.Errorf("%s: not what gencaps makes", path)
			}
		}
	}
}

// TestCompressed finds the same capture in every file that another program has
// compressed.
func TestCompressed(t *testing.T) {
	plain, err := os.ReadFile(filepath.Join(root, "compressed", "plain.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"in.pcap.zst", "in.pcap.lz4", "in.pcap.xz"} {
		data, err := os.ReadFile(filepath.Join(root, "compressed", name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(data, plain) || !bytes.Equal(unpack(t, data), plain) {
			t.Errorf("%s is not plain.pcap, compressed", name)
		}
	}
}

// TestIndex finds each folder in the index, with the files that belong there.
func TestIndex(t *testing.T) {
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		readme, err := os.ReadFile(filepath.Join(root, f.Name(), "README.md"))
		if err != nil {
			t.Error(err)
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(string(readme), "# "), "\n")
		if line := "| [" + f.Name() + "](" + f.Name() + "/README.md) | " + title + " |\n"; !strings.Contains(string(list), line) {
			t.Errorf("the index has no line %q", line)
		}
		if _, err := os.Stat(filepath.Join(root, f.Name(), "expected.json")); err != nil {
			t.Error(err)
		}
	}
}

// TestSmall keeps the folder to a size that a repository can bear.
func TestSmall(t *testing.T) {
	var total int64
	err := filepath.WalkDir(root, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > 2<<20 {
		t.Errorf("the captures take %d bytes", total)
	}
}

// unpack returns the content of a compressed file, as far as it goes, or the
// file itself.
func unpack(t *testing.T, data []byte) []byte {
	var r io.Reader
	var err error
	switch {
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		r, err = gzip.NewReader(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err = zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1))
	case bytes.HasPrefix(data, []byte{0x04, 0x22, 0x4d, 0x18}):
		r = lz4.NewReader(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte{0xfd, '7', 'z', 'X', 'Z'}):
		r, err = xz.NewReader(bytes.NewReader(data))
	default:
		return data
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil && err != io.ErrUnexpectedEOF {
		t.Fatal(err)
	}
	return out
}
