//go:build !unix

package main

// onUser does nothing: the signal is one of Unix.
func onUser(func()) (stop func()) { return func() {} }
