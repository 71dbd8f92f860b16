package filter

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestErrors holds the errors of wrong expressions to testdata/errors.golden:
// every line of errors.txt is one.
func TestErrors(t *testing.T) {
	texts, err := os.ReadFile("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for text := range strings.Lines(string(texts)) {
		text = strings.TrimSuffix(text, "\n")
		_, err := Compile(text, packets())
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%s: %v, want an *Error", text, err)
			continue
		}
		if e.ExitCode() != 2 || e.Text != text || e.Off < 0 || e.Off+e.Len > len(text) {
			t.Errorf("%s: exit code %d, offset %d, length %d", text, e.ExitCode(), e.Off, e.Len)
		}
		got.WriteString(e.Error() + "\n\n")
	}
	const golden = "testdata/errors.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("errors differ from %s; -update writes it:\n%s", golden, got.String())
	}
}
