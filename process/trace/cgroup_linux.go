package trace

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// openRoot opens the root of cgroup2. Where no mount of it can be seen, as within
// ip netns exec, it mounts one that has no place in the file system and so is gone
// with the file.
func openRoot() (*os.File, error) {
	if path := mountPoint("/proc/self/mountinfo"); path != "" {
		return os.Open(path)
	}
	fs, err := unix.Fsopen("cgroup2", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("no cgroup2 is mounted, and it cannot be: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return nil, fmt.Errorf("no cgroup2 is mounted, and it cannot be: %w", err)
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("no cgroup2 is mounted, and it cannot be: %w", err)
	}
	return os.NewFile(uintptr(fd), "cgroup2"), nil
}

// mountPoint returns where the root of cgroup2 is mounted, "" if nowhere. Lines of
// mountinfo (proc_pid_mountinfo(5)) are: id parent device root place options
// optional… - type source options.
func mountPoint(mountinfo string) string {
	text, err := os.ReadFile(mountinfo)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		mount, fs, ok := strings.Cut(line, " - ")
		f := strings.Fields(mount)
		if !ok || len(f) < 5 || !strings.HasPrefix(fs, "cgroup2 ") || f[3] != "/" {
			continue
		}
		path := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(f[4])
		// Something else may be mounted over it.
		var st unix.Statfs_t
		if unix.Statfs(path, &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC {
			return path
		}
	}
	return ""
}

// ErrNoRoot says that cgroup2 is not mounted.
var ErrNoRoot = errors.New("no cgroup2 is mounted")

// Mounted returns where the root of cgroup2 is mounted.
func Mounted() (string, error) {
	if path := mountPoint("/proc/self/mountinfo"); path != "" {
		return path, nil
	}
	return "", ErrNoRoot
}
