package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWriteFullDisk ends with a clear line when the disk is full, and what is on it
// can be read to its end.
func TestWriteFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("a small file system cannot be mounted: ", err)
	}
	defer syscall.Unmount(dir, 0)
	const n = 400_000 // 30 MB
	in := filepath.Join(t.TempDir(), "in.pcap")
	data := numbers(0, n)
	for i := 24 + 16; i < len(data); i += 76 { // what does not compress
		x := uint64(i) * 0x9e3779b97f4a7c15
		for k := range 60 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			data[i+k] = byte(x)
		}
	}
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.pcap", "a.pcapng", "a.pcap.gz", "a.pcapng.zst"} {
		for _, size := range []string{"", "1"} {
			path := filepath.Join(dir, name)
			args := []string{"dump", "-r", in, "-w", path}
			if size != "" {
				args = append(args, "-C", size)
			}
			cmd := exec.Command("pkt", args...)
			cmd.Env = quietEnv()
			out, _ := cmd.CombinedOutput()
			if code := exitOf(cmd); code != exitFailed || !strings.HasPrefix(string(out), "pkt: writing "+dir) ||
				!strings.HasSuffix(string(out), ": no space left on device\n") || strings.Count(string(out), "\n") != 1 {
				t.Errorf("%v: exit code %d, it says %q", args, code, out)
			}
			files, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			for _, f := range files {
				if _, damaged := countPackets(t, f); damaged {
					t.Errorf("%v: %s is damaged", args, f)
				}
			}
			if packets, _ := countPackets(t, files...); packets < 7_000 {
				t.Errorf("%v: no more than %d packets in %v", args, packets, files)
			}
			for _, f := range files {
				os.Remove(f)
			}
		}
	}
}

// limited runs the command under a limit of the system.
func limited(t *testing.T, limit int, value uint64, args ...string) (code int, said string) {
	t.Helper()
	cmd := exec.Command("pkt", args...)
	cmd.Env = quietEnv()
	var old unix.Rlimit
	if err := unix.Getrlimit(limit, &old); err != nil {
		t.Fatal(err)
	}
	// A child inherits the limit; this process does not come near it.
	if err := unix.Setrlimit(limit, &unix.Rlimit{Cur: value, Max: old.Max}); err != nil {
		t.Skip(err)
	}
	var out strings.Builder
	cmd.Stderr = &out
	err := cmd.Start()
	if e := unix.Setrlimit(limit, &old); e != nil {
		t.Fatal(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	return exitOf(cmd), out.String()
}

// TestWriteFileLimit treats a file that may not become longer as a full disk.
func TestWriteFileLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	code, said := limited(t, unix.RLIMIT_FSIZE, 200_000, "dump", "-r", pcaps+"office/in.pcap", "-w", path)
	if code != exitFailed || said != "pkt: writing "+path+": file too large\n" {
		t.Errorf("exit code %d, it says %q", code, said)
	}
	if n, damaged := countPackets(t, path); n < 1000 || damaged {
		t.Errorf("%d packets, damaged: %v", n, damaged)
	}
}

// TestRotateFewFiles keeps few files open, however many it writes.
func TestRotateFewFiles(t *testing.T) {
	dir := t.TempDir()
	code, said := limited(t, unix.RLIMIT_NOFILE, 20, "dump", "-r", pcaps+"office/in.pcap", "-w", filepath.Join(dir, "a.pcap"), "-C", "1k")
	if code != exitOK {
		t.Errorf("exit code %d, it says %q", code, said)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 200 {
		t.Fatal(len(files), err)
	}
	if n, damaged := countPackets(t, filepath.Join(dir, "a.pcap*")); n != 4098 || damaged {
		t.Errorf("%d packets, damaged: %v", n, damaged)
	}
}

// TestWriteUnwritableFolder says so at the start, or where the folder has changed
// when the next file is due, with the files before it whole.
func TestWriteUnwritableFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		// Root writes everywhere; a folder that does not exist is as good.
		path := filepath.Join(t.TempDir(), "%H", "a.pcap")
		code, said := limited(t, unix.RLIMIT_CORE, 0, "dump", "-r", pcaps+"office/in.pcap", "-w", path, "-G", "10")
		if code != exitFailed || !strings.Contains(said, "no such file or directory") {
			t.Errorf("exit code %d, it says %q", code, said)
		}
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	code, said := limited(t, unix.RLIMIT_CORE, 0, "dump", "-r", pcaps+"office/in.pcap", "-w", filepath.Join(dir, "a.pcap"))
	if code != exitPermission || !strings.Contains(said, "permission denied") {
		t.Errorf("exit code %d, it says %q", code, said)
	}
}
