package trace

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// Explain shortens an error of eBPF to what a user can act upon. The library takes
// every refusal for too little locked memory; what is missing nearly always is a
// capability.
func Explain(err error) error {
	var verifier *ebpf.VerifierError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) && !errors.As(err, &verifier):
		return unix.EPERM
	case errors.As(err, &verifier):
		last := ""
		if n := len(verifier.Log); n > 0 {
			last = strings.TrimSpace(verifier.Log[n-1])
			if n > 1 && strings.HasPrefix(last, "processed ") {
				last = strings.TrimSpace(verifier.Log[n-2])
			}
		}
		return fmt.Errorf("refused by the kernel's verifier: %s: %w", last, verifier.Cause)
	}
	return err
}
