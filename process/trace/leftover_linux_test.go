package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cilium/ebpf"
)

// helperEnv makes the test binary a process that traces until it is killed.
const helperEnv = "PKT_TRACE_HELPER"

// TestHelper is no test: see helperEnv.
func TestHelper(t *testing.T) {
	if os.Getenv(helperEnv) == "" {
		t.Skip("not a test")
	}
	tr := open(t)
	for _, p := range tr.programs {
		if info, err := p.Info(); err == nil {
			id, _ := info.ID()
			fmt.Println("program", id)
		}
	}
	for _, m := range []*ebpf.Map{tr.owners, tr.flows, tr.spaces, tr.cache, tr.execs} {
		if info, err := m.Info(); err == nil {
			id, _ := info.ID()
			fmt.Println("map", id)
		}
	}
	fmt.Println("ready")
	time.Sleep(time.Minute)
}

// TestNothingIsLeftBehind kills a process that traces, and looks for its programs and
// maps.
func TestNothingIsLeftBehind(t *testing.T) {
	open(t).Close() // skips where nothing can be opened
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$", "-test.v")
	cmd.Env = append(os.Environ(), helperEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var programs []ebpf.ProgramID
	var maps []ebpf.MapID
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		var id uint32
		if n, _ := fmt.Sscanf(lines.Text(), "program %d", &id); n == 1 {
			programs = append(programs, ebpf.ProgramID(id))
		}
		if n, _ := fmt.Sscanf(lines.Text(), "map %d", &id); n == 1 {
			maps = append(maps, ebpf.MapID(id))
		}
	}
	if len(programs) < 7 || len(maps) < 5 {
		t.Fatalf("the helper has %d programs and %d maps", len(programs), len(maps))
	}
	left := func() (list []string) {
		for _, id := range programs {
			if p, err := ebpf.NewProgramFromID(id); !errors.Is(err, fs.ErrNotExist) {
				p.Close()
				list = append(list, fmt.Sprint("program ", id))
			}
		}
		for _, id := range maps {
			if m, err := ebpf.NewMapFromID(id); !errors.Is(err, fs.ErrNotExist) {
				m.Close()
				list = append(list, fmt.Sprint("map ", id))
			}
		}
		return list
	}
	if n := len(left()); n != len(programs)+len(maps) {
		t.Errorf("%d of %d are found while the process lives", n, len(programs)+len(maps))
	}
	cmd.Process.Kill()
	cmd.Wait()
	var list []string
	for range 100 { // the kernel frees them when nobody can be running them any more
		if list = left(); len(list) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("left behind: %v", list)
}
