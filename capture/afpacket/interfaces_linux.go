package afpacket

import (
	"bufio"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Interfaces returns the interfaces there are, Any not among them.
func Interfaces() ([]Interface, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return list(fd)
}

func list(fd int) ([]Interface, error) {
	found, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var all []Interface
	for _, f := range found {
		if i, err := lookUp(fd, f.Name); err == nil { // else it has just vanished
			all = append(all, i)
		}
	}
	return all, nil
}

// DefaultInterface returns the name of the interface that packets to far hosts
// leave by: that of the default route of IPv4, or else of IPv6.
func DefaultInterface() (string, error) {
	// Fields as in proc(5): name, destination, and the metric.
	for _, table := range []struct {
		path                      string
		name, destination, metric int
		base                      int
	}{
		{"/proc/thread-self/net/route", 0, 1, 6, 10},
		{"/proc/thread-self/net/ipv6_route", 9, 0, 5, 16},
	} {
		name, err := defaultRoute(table.path, table.name, table.destination, table.metric, table.base)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if name != "" {
			return name, nil
		}
	}
	return "", errors.New("there is no default route")
}

func defaultRoute(path string, name, destination, metric, base int) (best string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	lowest := uint64(1 << 63)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) <= max(name, destination, metric) || strings.Trim(f[destination], "0") != "" || f[name] == "lo" {
			continue
		}
		// In the table of IPv6, the length of the prefix follows the destination.
		if base == 16 && f[destination+1] != "00" {
			continue
		}
		if m, err := strconv.ParseUint(f[metric], base, 64); err == nil && m < lowest {
			lowest, best = m, f[name]
		}
	}
	return best, lines.Err()
}
