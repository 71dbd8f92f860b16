package pcapfile

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// openStdin returns the standard input. A pipe is opened a second time, without
// blocking, so that Close can interrupt a read from it; doing that to the
// standard input itself would do it to every process that shares it.
func openStdin() *os.File {
	fi, err := os.Stdin.Stat()
	if err != nil || fi.Mode()&fs.ModeNamedPipe == 0 {
		return os.Stdin
	}
	f, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", os.Stdin.Fd()), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return os.Stdin
	}
	return f
}
