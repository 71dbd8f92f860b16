// Command flood sends UDP packets on an interface as fast as it can, or so many a
// second: flood IFACE BYTES SECONDS [PACKETS/S]. It prints how many it has sent.
// They are of 64 flows. Only for interfaces made for it: see bench/live.sh.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"pkt/internal/pkttest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: flood IFACE BYTES SECONDS [PACKETS/S]")
	}
	iface, err := net.InterfaceByName(args[0])
	if err != nil {
		return err
	}
	var numbers [3]float64
	for i, a := range args[1:] {
		if numbers[i], err = strconv.ParseFloat(a, 64); err != nil {
			return err
		}
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: iface.Index}); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		return err
	}
	sent, err := flood(fd, int(numbers[0]), time.Duration(numbers[1]*float64(time.Second)), numbers[2])
	fmt.Println(sent)
	return err
}

// flood sends frames of a size for some time; rate 0 is no limit.
func flood(fd, size int, span time.Duration, rate float64) (sent int, err error) {
	var frames [64][]byte
	for i := range frames {
		frames[i] = pkttest.Frame(
			pkttest.Ethernet{Src: "02:00:00:00:00:01", Dst: "02:00:00:00:00:02"},
			pkttest.IPv4{Src: "10.9.0.1", Dst: "10.9.0.2"},
			pkttest.UDP{SrcPort: uint16(4000 + i), DstPort: 9},
			pkttest.Payload(make([]byte, max(size-42, 0))))
	}
	for start := time.Now(); ; {
		passed := time.Since(start)
		if passed >= span {
			return sent, nil
		}
		if rate > 0 && float64(sent) > passed.Seconds()*rate {
			time.Sleep(100 * time.Microsecond)
			continue
		}
		for _, f := range frames {
			if _, err := unix.Write(fd, f); err != nil && err != unix.ENOBUFS {
				return sent, err
			} else if err == nil {
				sent++
			}
		}
	}
}
