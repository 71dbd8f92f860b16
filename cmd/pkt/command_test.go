package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// pcaps are the captures that these tests read.
const pcaps = "../../testdata/pcaps/"

// result is what a run of the command left behind.
type result struct {
	stdout, stderr string
	code           int
}

// pkt runs the command, which testscript.Main has put into the path, away from
// any terminal.
func pkt(t *testing.T, args ...string) result {
	t.Helper()
	return pktFrom(t, nil, args...)
}

// pktFrom runs the command with something on its standard input.
func pktFrom(t *testing.T, stdin io.Reader, args ...string) result {
	t.Helper()
	cmd := exec.Command("pkt", args...)
	cmd.Env = quietEnv()
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// quietEnv is the environment without what changes how results look.
func quietEnv(more ...string) []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch {
		case strings.HasPrefix(name, "PKT_"), strings.HasPrefix(name, "LC_"):
		case name == "NO_COLOR", name == "CLICOLOR_FORCE", name == "TERM", name == "LANG", name == "TZ":
		default:
			env = append(env, v)
		}
	}
	return append(append(env, "TZ=UTC", "LANG=C.UTF-8"), more...)
}

// record is one record of json or ndjson.
type record map[string]any

// records parses ndjson and returns the records of one type. Numbers stay as
// they were written.
func records(t *testing.T, text, kind string) []record {
	t.Helper()
	var found []record
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	for {
		var r record
		if err := d.Decode(&r); err == io.EOF {
			return found
		} else if err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		if r["type"] == kind {
			found = append(found, r)
		}
	}
}

// num returns a whole number of a record, 0 if the record lacks it.
func (r record) num(t *testing.T, name string) uint64 {
	t.Helper()
	n, ok := r[name].(json.Number)
	if !ok {
		return 0
	}
	v, err := n.Int64()
	if err != nil || v < 0 {
		t.Fatalf("%s is %s", name, n)
	}
	return uint64(v)
}

// text returns a member as it is written, "" if the record lacks it.
func (r record) text(name string) string {
	switch v := r[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
