//go:build !linux

package main

// privileged reports whether the process can become another user.
func privileged() bool { return false }

// relinquish does nothing: there is no live capture here.
func relinquish(*account) error { return nil }
