// Command pkt analyses network traffic: it ranks it, lists its flows and sums
// it up, from capture files of any kind.
package main

import (
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], system()))
}
