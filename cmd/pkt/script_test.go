package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pkt": main, "pkt-replay": replayMain})
}

// TestScripts runs the command line as its users do. Scripts are in
// testdata/script; $PCAPS is the folder of captures. PKT_UPDATE_SCRIPTS=1 in
// the environment writes the outputs that they compare with anew.
func TestScripts(t *testing.T) {
	pcaps, err := filepath.Abs("../../testdata/pcaps")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PCAPS", pcaps)
			env.Setenv("TZ", "UTC")
			env.Setenv("LANG", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exitsWith,
			"escapes": showEscapes,
			"adds":    addsUp,
			"json":    isJSON,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("PKT_UPDATE_SCRIPTS") != "",
	})
}

// exitsWith is the command "exits CODE COMMAND ARG...", an exec that expects a
// certain exit code.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Check(err)
		}
		code = exit.ExitCode()
	}
	if want, err := strconv.Atoi(args[0]); err != nil || code != want {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// showEscapes is the command "escapes FILE": it prints a file with \e in the
// place of the escape character, so that colours can be read in a script.
func showEscapes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: escapes FILE")
	}
	_, err := io.WriteString(ts.Stdout(), strings.ReplaceAll(ts.ReadFile(args[0]), "\x1b", `\e`))
	ts.Check(err)
}

// addsUp is the command "adds FILE KEY SUM": what the key has in all records
// of a file of json or ndjson comes to the sum.
func addsUp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: adds FILE KEY SUM")
	}
	var sum, want int64
	ts.Check(json.Unmarshal([]byte(args[2]), &want))
	for _, r := range jsonRecords(ts, args[0]) {
		if n, ok := r[args[1]].(json.Number); ok {
			v, err := n.Int64()
			ts.Check(err)
			sum += v
		}
	}
	if sum != want {
		ts.Fatalf("%s adds up to %d, want %d", args[1], sum, want)
	}
}

// isJSON is the command "json FILE N": the file holds an array, or lines, of N
// records that all say their type.
func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: json FILE N")
	}
	all := jsonRecords(ts, args[0])
	for _, r := range all {
		if r["type"] == nil {
			ts.Fatalf("a record without a type: %v", r)
		}
	}
	var want int
	ts.Check(json.Unmarshal([]byte(args[1]), &want))
	if len(all) != want {
		ts.Fatalf("%d records, want %d", len(all), want)
	}
}

// jsonRecords reads an array of records, or records one after the other.
func jsonRecords(ts *testscript.TestScript, file string) (all []record) {
	text := []byte(ts.ReadFile(file))
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if bytes.HasPrefix(text, []byte("[")) {
		ts.Check(d.Decode(&all))
		return all
	}
	for d.More() {
		var r record
		ts.Check(d.Decode(&r))
		all = append(all, r)
	}
	return all
}
