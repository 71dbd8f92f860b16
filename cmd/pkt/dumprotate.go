package main

import (
	"os"
	"time"

	"github.com/spf13/pflag"

	"pkt/capture/pcapfile"
)

// rotateFlags say when a capture goes on in another file: tcpdump's letters with
// tcpdump's meanings.
type rotateFlags struct {
	size    byteCount
	seconds uint32
	files   int
	command string
	limit   byteCount
}

func (r *rotateFlags) register(fs *pflag.FlagSet) {
	r.size.units, r.limit.units = fileUnits, sizeUnits
	fs.VarP(&r.size, "rotate-size", "C", "go on in another file when one is larger than `SIZE` millions of bytes before compression, or KiB, MiB, GiB with k, m, g behind the number")
	fs.Uint32VarP(&r.seconds, "rotate-seconds", "G", 0, "go on in another file after `N` seconds; the file name is a format for strftime(3)")
	fs.IntVarP(&r.files, "rotate-files", "W", 0, "`N` files: with -C the first is overwritten when all are full, with -G the run ends behind the last, with both only the numbers are padded")
	fs.StringVarP(&r.command, "postrotate", "z", "", "run `COMMAND` FILE in the background for each file that is complete, such as -z gzip")
	fs.Var(&r.limit, "max-bytes", "stop when `SIZE` bytes are written to files, before compression; or captured of the packets printed")
}

// check refuses combinations that mean nothing.
func (r *rotateFlags) check(write string) error {
	rotates := r.size.n > 0 || r.seconds > 0
	switch {
	case r.files < 0:
		return usagef("-W %d: a number of files cannot be negative", r.files)
	case r.files > 0 && !rotates:
		return usagef("-W %d: it counts the files of -C SIZE or -G SECONDS", r.files)
	case rotates && write == "":
		return usagef("-C and -G are about the files of -w FILE")
	case rotates && write == stdoutName:
		return usagef("-w -: only a plain file can be followed by another, as -C and -G ask for")
	case r.command != "" && (write == "" || write == stdoutName):
		return usagef("-z %s: it is run on the files of -w FILE", r.command)
	}
	if info, err := os.Stat(write); rotates && err == nil && !info.Mode().IsRegular() {
		return usagef("-w %s: only a plain file can be followed by another, as -C and -G ask for", write)
	}
	return nil
}

// stdoutName is the file name that stands for the standard output.
const stdoutName = "-"

// rotation is what the flags ask of the files that are written.
func (d *dumpFlags) rotation(s *session, commands *postrotate) pcapfile.Rotation {
	rot := pcapfile.Rotation{
		Size:  d.rotate.size.n,
		Span:  int64(d.rotate.seconds),
		Files: d.rotate.files,
		Limit: d.rotate.limit.n,
		Zone:  time.Local,
		Allow: func(path string) error { return notInput(s, path) },
	}
	if s.source.Live() {
		rot.Start = time.Now().UnixNano()
	}
	if d.write == stdoutName {
		rot.To = s.env.stdout
	}
	if d.rotate.command != "" {
		rot.Complete = commands.file
	}
	return rot
}

// notInput refuses to write a file that packets are read from.
func notInput(s *session, path string) error {
	out, err := os.Stat(path)
	for _, f := range s.source.Files() {
		if in, e := os.Stat(f.Path); err == nil && e == nil && in.Mode().IsRegular() && os.SameFile(in, out) {
			return usagef("-w %s: the capture is read from this file", path)
		}
	}
	return nil
}
