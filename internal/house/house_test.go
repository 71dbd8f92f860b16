// Package house holds the tests that keep the house in order: which package
// may import which, and where third parties may enter.
package house

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// order is the list of docs/ARCHITECTURE.md: a package imports only packages
// that stand above it. A folder below a named one has its parent's place,
// unless it is named itself.
var order = []string{
	"packet", "field", "names", "capture", "capture/pcapfile", "capture/afpacket", "decode",
	"filter/pcapfilter", "filter", "fragment", "process/sockdiag", "process/conntrack", "process/trace", "process", "flow", "reassembly", "content",
	"stats", "engine", "meter", "output", "tui", "cmd/pkt",
}

// fences are the third parties and the packages that may use them.
var fences = map[string][]string{
	"github.com/spf13/":             {"cmd/pkt"},
	"github.com/muesli/":            {"cmd/pkt"},
	"github.com/cheggaaa/pb/":       {"cmd/pkt"},
	"github.com/expr-lang/":         {"filter"},
	"charm.land/bubbletea/":         {"tui"},
	"github.com/charmbracelet/":     {"tui"},
	"github.com/fatih/color":        {"output"},
	"github.com/mattn/go-runewidth": {"output"},
	"github.com/gopacket/":          {"decode/dissect"},
	"github.com/cilium/ebpf":        {"process/trace"},
	"github.com/mdlayher/":          {"process/sockdiag", "process/conntrack"},
	"github.com/prometheus/procfs":  {"process"},
	"github.com/klauspost/":         {"capture/pcapfile", "content"},
	"github.com/pierrec/":           {"capture/pcapfile"},
	"github.com/ulikunitz/":         {"capture/pcapfile"},
}

// outside are folders that the order does not hold: test helpers and tools.
var outside = []string{"internal/", "testdata/", "bench"}

const module = "pkt/"

func TestImportOrder(t *testing.T) {
	for dir, p := range packages(t) {
		own := place(dir)
		if own < 0 {
			if !slices.ContainsFunc(outside, func(o string) bool { return strings.HasPrefix(dir, o) }) {
				t.Errorf("%s has no place in the order of docs/ARCHITECTURE.md", dir)
			}
			continue
		}
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			at := place(strings.TrimPrefix(imp, module))
			if at < 0 || at > own || at == own && order[own] == dir {
				t.Errorf("%s imports %s, which does not stand above it", dir, imp)
			}
		}
	}
}

func TestFences(t *testing.T) {
	for dir, p := range packages(t) {
		for _, imp := range p.Imports {
			for third, allowed := range fences {
				if strings.HasPrefix(imp, third) && !slices.Contains(allowed, dir) {
					t.Errorf("%s imports %s, which is fenced to %v", dir, imp, allowed)
				}
			}
		}
	}
}

// place returns the position of a folder in the order, -1 if it has none.
func place(dir string) int {
	for dir != "." {
		if i := slices.Index(order, dir); i >= 0 {
			return i
		}
		dir = filepath.Dir(dir)
	}
	return -1
}

// packages returns the packages of the module by folder. Imports of test files
// are left out: tests may use what they like.
func packages(t *testing.T) map[string]*build.Package {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*build.Package{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" && !hasGo(path)) {
			return fs.SkipDir
		}
		p, err := build.ImportDir(path, 0)
		if err != nil {
			return nil // no Go files here
		}
		dir, _ := filepath.Rel(root, path)
		found[dir] = p
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("found %d packages: %v", len(found), err)
	}
	return found
}

func hasGo(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".go") })
}
