package main

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// privileged reports whether the process can become another user.
func privileged() bool { return os.Geteuid() == 0 }

// relinquish makes all threads of the process those of another user, for good.
// For nil, a process that is not root's gives up its capabilities.
func relinquish(to *account) error {
	if to != nil {
		// The groups first: they need privileges.
		if err := syscall.Setgroups(to.groups); err != nil {
			return err
		}
		if err := syscall.Setresgid(to.gid, to.gid, to.gid); err != nil {
			return err
		}
		if err := syscall.Setresuid(to.uid, to.uid, to.uid); err != nil {
			return err
		}
	} else if privileged() {
		return nil
	}
	return confine()
}

// confine gives up all capabilities, and the way to new ones by programs that
// have them. A build with cgo cannot do so for all threads; becoming another user
// has then done what matters.
func confine() error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errors.Is(errno, syscall.ENOTSUP) {
		return nil
	}
	if errno != 0 {
		return errno
	}
	return dropCapabilities()
}
