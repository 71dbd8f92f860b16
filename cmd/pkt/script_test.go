package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pkt": main})
}

// TestScripts runs the command line as its users do. Scripts are in
// testdata/script; $PCAPS is the folder of captures.
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
			return nil
		},
		UpdateScripts: os.Getenv("PKT_UPDATE_SCRIPTS") != "",
	})
}
