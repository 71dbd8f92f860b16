// Command pkt analyses network traffic: it says who uses the network, lists flows
// and sockets, prints and writes packets and puts the content of connections
// together, live or from capture files of any kind.
package main

import (
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], system()))
}
