package output

import "testing"

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"open eth0":              "open eth0",
		"two\nlines\n":           "two\nlines\n",
		"\x1b[31mred\x1b[0m":     `\x1b[31mred\x1b[0m`,
		"carriage\rreturn\n  ^^": "carriage\\rreturn\n  ^^",
	} {
		if got := Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
	}
}
