package process

import (
	"strings"
	"testing"
)

func TestParseGroup(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	uid := "8dbc4a77-1f3c-4c2b-9a54-6c1a6d0e5f11"
	under := strings.ReplaceAll(uid, "-", "_")
	for _, c := range []struct {
		path                       string
		unit, kind, container, pod string
	}{
		{path: "/"},
		{path: "/init.scope", unit: "init.scope"},
		{path: "/system.slice/nginx.service", unit: "nginx.service"},
		{path: "/system.slice/system-getty.slice/getty@tty1.service", unit: "getty@tty1.service"},
		{path: "/user.slice/user-1000.slice/session-3.scope", unit: "session-3.scope"},
		{path: "/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-41.scope", unit: "app-firefox-41.scope"},
		{path: "/system.slice/docker-" + id + ".scope", unit: "docker-" + id + ".scope", kind: "docker", container: id},
		{path: "/docker/" + id, kind: "docker", container: id},
		{path: "/docker/" + id + "/init", kind: "docker", container: id},
		{path: "/machine.slice/libpod-" + id + ".scope/container", unit: "libpod-" + id + ".scope", kind: "podman", container: id},
		{path: "/libpod_parent/libpod-" + id, kind: "podman", container: id},
		{path: "/machine.slice/libpod-conmon-" + id + ".scope", unit: "libpod-conmon-" + id + ".scope"},
		{path: "/default/" + id, kind: "containerd", container: id},
		{path: "/system.slice/nerdctl-" + id + ".scope", unit: "nerdctl-" + id + ".scope", kind: "containerd", container: id},
		{path: "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + under + ".slice/cri-containerd-" + id + ".scope",
			unit: "cri-containerd-" + id + ".scope", kind: "containerd", container: id, pod: uid},
		{path: "/kubepods.slice/kubepods-pod" + under + ".slice/crio-" + id + ".scope",
			unit: "crio-" + id + ".scope", kind: "crio", container: id, pod: uid},
		{path: "/kubepods/besteffort/pod" + uid + "/" + id, kind: "containerd", container: id, pod: uid},
		{path: "/lxc.payload.web/system.slice/sshd.service", unit: "sshd.service", kind: "lxc", container: "web"},
		{path: "/machine.slice/systemd-nspawn@deb.service/payload", unit: "systemd-nspawn@deb.service", kind: "nspawn", container: "deb"},
	} {
		g := ParseGroup(c.path)
		want := Group{c.path, c.unit, c.container, c.kind, c.pod}
		if g != want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.path, g, want)
		}
	}
}

func FuzzParseGroup(f *testing.F) {
	f.Add("/system.slice/nginx.service")
	f.Add("/kubepods/pod8dbc4a77-1f3c-4c2b-9a54-6c1a6d0e5f11/x")
	f.Fuzz(func(t *testing.T, path string) {
		if g := ParseGroup(path); g.Cgroup != path || (g.Kind == "") != (g.Container == "") {
			t.Errorf("%q: %+v", path, g)
		}
	})
}
