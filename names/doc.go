// Package names knows the names of numbers: services by port, IP protocols and
// networks, from tables that are part of the program. It asks no network and
// reads no file, so that answers are the same on every machine; System reads
// the files of /etc for whoever asks for the machine's own names.
package names
