package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// unprivileged copies pkt to where anybody can run it, and returns the path.
func unprivileged(t *testing.T) string {
	t.Helper()
	self, err := exec.LookPath("pkt")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pkt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pkt")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// asNobody are words that run a command as nobody, without any privilege.
var asNobody = []string{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"}

// TestLivePermission names the missing capability; with it, and without root,
// everything works.
func TestLivePermission(t *testing.T) {
	for _, tool := range []string{"setpriv", "setcap"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs " + tool)
		}
	}
	w := newWire(t)
	path := unprivileged(t)
	cmd := w.near.Command(append(asNobody, path, "dump", "-i", "near0")...)
	out, _ := cmd.CombinedOutput()
	if exitOf(cmd) != exitPermission || !strings.Contains(string(out), "sudo setcap cap_net_raw=ep "+path+"\n") {
		t.Errorf("exit code %d: %s", exitOf(cmd), out)
	}
	if out, err := exec.Command("setcap", "cap_net_raw=ep", path).CombinedOutput(); err != nil {
		t.Skipf("no capabilities of files here: %s", out)
	}
	r := listenAs(t, w.near, nil, append(asNobody, path, "dump", "-i", "near0", "-c", "1", "-o", "ndjson")...)
	checkStatus(t, r.cmd.Process.Pid, 65534)
	if err := w.far.NewSender("far0").Send(datagram(100, 9)); err != nil {
		t.Fatal(err)
	}
	if code := r.wait(); code != exitOK || !strings.Contains(r.stdout.String(), `"dst_port":9`) {
		t.Errorf("exit code %d, %s%s", code, r.stdout.String(), r.stderr.String())
	}
}

// TestLiveUser goes on as the user behind sudo, with all threads, and writes files
// as this user.
func TestLiveUser(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "x.pcap")
	for _, tt := range []struct {
		env  []string
		args []string
		uid  int
	}{
		{[]string{"SUDO_UID=65534", "SUDO_GID=65534"}, nil, 65534},
		{nil, []string{"-Z", "nobody"}, 65534},
		{[]string{"SUDO_UID=65534", "SUDO_GID=65534"}, []string{"-Z", "root"}, 0},
	} {
		os.Remove(file)
		r := listenAs(t, w.near, tt.env, append([]string{"pkt", "dump", "-i", "near0", "-w", file}, tt.args...)...)
		checkStatus(t, r.cmd.Process.Pid, tt.uid)
		if err := w.far.NewSender("far0").Send(datagram(100, 9)); err != nil {
			t.Fatal(err)
		}
		r.end()
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if owner := int(info.Sys().(*syscall.Stat_t).Uid); owner != tt.uid {
			t.Errorf("%v %v: the file is owned by %d", tt.env, tt.args, owner)
		}
		if n, _ := countPackets(t, file); n != 1 {
			t.Errorf("%v %v: %d packets", tt.env, tt.args, n)
		}
	}
	cmd := w.near.Command("pkt", "dump", "-i", "near0", "-Z", "no-such-user")
	if out, _ := cmd.CombinedOutput(); exitOf(cmd) != exitUsage || !strings.Contains(string(out), "no such user") {
		t.Errorf("exit code %d: %s", exitOf(cmd), out)
	}
}

// withCgo says that the test's binary is linked with cgo, where only the user can
// be changed for all threads.
func withCgo(pid int) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return false
	}
	out, err := exec.Command("go", "version", "-m", exe).Output()
	return err == nil && bytes.Contains(out, []byte("CGO_ENABLED=1"))
}

// checkStatus checks that all threads of a process are a user's, without
// privileges unless that is root.
func checkStatus(t *testing.T, pid, uid int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(tasks) < 2 {
		t.Fatalf("%d threads: %v", len(tasks), err)
	}
	capabilities := regexp.MustCompile(`(?m)^Cap(Prm|Eff):\t(0*)$`)
	for _, task := range tasks {
		status, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		if !strings.Contains(string(status), fmt.Sprintf("\nUid:\t%d\t%[1]d\t%[1]d\t%[1]d\n", uid)) {
			t.Errorf("a thread is not of user %d: %s", uid, status)
		}
		if uid == 0 || withCgo(pid) {
			continue
		}
		if !strings.Contains(string(status), "\nNoNewPrivs:\t1\n") || len(capabilities.FindAll(status, -1)) != 2 {
			t.Errorf("a thread has privileges: %s", status)
		}
	}
}
