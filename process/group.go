package process

import "strings"

// Group is what the path of a control group says of the processes in it.
type Group struct {
	Cgroup    string // path: /system.slice/nginx.service
	Unit      string // systemd's unit: nginx.service; empty outside systemd's tree
	Container string // identifier or name of the container; empty outside of one
	Kind      string // what runs the container: docker, podman, containerd, crio, lxc, nspawn
	Pod       string // uid of the Kubernetes pod
}

// runtimes are the names that container managers give their scopes, with the prefix
// of the identifier.
var runtimes = []struct{ prefix, kind string }{
	{"docker-", "docker"},
	{"libpod-", "podman"},
	{"cri-containerd-", "containerd"},
	{"nerdctl-", "containerd"},
	{"containerd-", "containerd"},
	{"crio-", "crio"},
}

// ParseGroup reads the path of a control group. It knows the layouts of systemd and
// of cgroupfs drivers.
func ParseGroup(path string) Group {
	g := Group{Cgroup: path}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, p := range parts {
		if unit := unitName(p); unit != "" {
			g.Unit = unit
		}
		if uid := podUID(p); uid != "" {
			g.Pod = uid
		}
		parent := ""
		if i > 0 {
			parent = parts[i-1]
		}
		if kind, id := container(p, parent); id != "" {
			g.Kind, g.Container = kind, id
		}
	}
	if g.Kind == "" && g.Container == "" && g.Pod != "" {
		// The cgroupfs driver names neither the runtime nor the scope.
		if last := parts[len(parts)-1]; isID(last) {
			g.Kind, g.Container = "containerd", last
		}
	}
	return g
}

// unitName returns the unit that a part of a path stands for. Slices only hold
// units, so that they count for none.
func unitName(p string) string {
	for _, suffix := range []string{".service", ".scope", ".socket", ".mount", ".swap"} {
		if name, ok := strings.CutSuffix(p, suffix); ok && name != "" {
			return unescape(p)
		}
	}
	return ""
}

// unescape undoes the underscore that systemd puts before names which the kernel
// would take for files of its own.
func unescape(p string) string { return strings.TrimPrefix(p, "_") }

// podUID returns the uid in kubepods-burstable-pod<uid>.slice or pod<uid>. systemd's
// form has underscores in the place of hyphens.
func podUID(p string) string {
	p = strings.TrimSuffix(p, ".slice")
	if i := strings.LastIndex(p, "-pod"); i >= 0 && strings.HasPrefix(p, "kubepods") {
		p = p[i+1:]
	}
	uid, ok := strings.CutPrefix(p, "pod")
	uid = strings.ReplaceAll(uid, "_", "-")
	if !ok || len(uid) < 32 || strings.Trim(uid, "0123456789abcdef-") != "" {
		return ""
	}
	return uid
}

// container returns what runs the container that a part of a path stands for, and
// its identifier.
func container(p, parent string) (kind, id string) {
	name := strings.TrimSuffix(strings.TrimSuffix(p, ".scope"), ".service")
	for _, r := range runtimes {
		if id, ok := strings.CutPrefix(name, r.prefix); ok && isID(id) {
			return r.kind, id
		}
	}
	if payload, ok := strings.CutPrefix(p, "lxc.payload."); ok {
		return "lxc", payload
	}
	if parent == "lxc" && p != "" {
		return "lxc", p
	}
	if machine, ok := strings.CutPrefix(name, "systemd-nspawn@"); ok {
		return "nspawn", machine
	}
	if !isID(p) {
		return "", ""
	}
	switch parent {
	case "docker":
		return "docker", p
	case "libpod_parent":
		return "podman", p
	case "default", "k8s.io", "moby":
		return "containerd", p
	}
	return "", ""
}

// isID reports whether s is a container's identifier: 64 hexadecimal digits.
func isID(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
