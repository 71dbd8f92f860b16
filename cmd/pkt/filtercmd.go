package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"pkt/capture"
	"pkt/capture/pcapfile"
	"pkt/filter/pcapfilter"
	"pkt/names"
	"pkt/packet"
)

// filterFlags are the flags of pkt filter.
type filterFlags struct {
	style   int // 1: as assembler, 2: as C, 3: as numbers
	link    string
	snapLen uint32
	live    bool
	file    string
	batch   string
	read    string
}

func newFilter(env *environment) *cobra.Command {
	var f filterFlags
	cmd := &cobra.Command{
		Use:   "filter [-d|-dd|-ddd] EXPR",
		Short: "Compile a pcap-filter and print its program",
		Long: "filter compiles an expression of the pcap-filter language to classic BPF and prints the program as\n" +
			"tcpdump -d does: -d as assembler, -dd as C, -ddd as numbers. A mistake is shown with a mark under it.\n\n" +
			"With --batch, every line of a file is a filter of its own (\\t, \\n and \\\\ stand for the characters);\n" +
			"for each of them a line tells how many packets of -r match and the beginning of the SHA-1 of their\n" +
			"numbers joined by commas, or E and what is wrong with it.",
		Example: "  pkt filter -d 'tcp port 80 and host 10.0.0.1'\n  pkt filter -y LINUX_SLL2 -ddd 'icmp6'",
		RunE: func(_ *cobra.Command, words []string) error {
			if f.batch != "" {
				return f.runBatch(env.stdout)
			}
			return f.print(env, words)
		},
	}
	cmd.AddCommand(newExplain(env))
	fs := cmd.Flags()
	fs.CountVarP(&f.style, "dump", "d", "print as assembler, -dd as C, -ddd as numbers")
	fs.StringVarP(&f.link, "linktype", "y", "EN10MB", "compile for packets of this link type, by `NAME` or number")
	fs.Uint32VarP(&f.snapLen, "snaplen", "s", 262144, "what a matching packet is cut to, as the program returns it")
	fs.BoolVar(&f.live, "live", false, "compile for a Linux interface: VLAN tags and direction are the kernel's to tell")
	fs.StringVarP(&f.file, "filter-file", "F", "", "read the pcap-filter from `FILE`")
	fs.StringVar(&f.batch, "batch", "", "run every line of `FILE` on the capture of -r")
	fs.StringVarP(&f.read, "read", "r", "", "the capture `FILE` of --batch")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("linktype", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var words []string
		for _, link := range capture.LinkTypes() {
			words = append(words, link.Name+"\t"+link.Doc)
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}))
	return cmd
}

// options returns what the compiler has to know.
func (f *filterFlags) options() (pcapfilter.Options, error) {
	opt := pcapfilter.Options{SnapLen: f.snapLen, Live: f.live}
	link, ok := pcapfilter.LinkByName(f.link)
	if n, err := strconv.ParseUint(f.link, 10, 16); err == nil {
		link, ok = uint16(n), true
	}
	if !ok {
		return opt, usagef("-y %s: not a link type; a capture's is in pkt stats", f.link)
	}
	opt.Link = link
	var err error
	opt.Names, err = names.ReadSystem(os.DirFS("/etc"))
	return opt, err
}

// print prints the program of one expression.
func (f *filterFlags) print(env *environment, words []string) error {
	text := strings.Join(words, " ")
	if f.file != "" {
		if text != "" {
			return usagef("a filter is given in words and in a file (-F %s): use one of them", f.file)
		}
		content, err := os.ReadFile(f.file)
		if err != nil {
			return fmt.Errorf("reading the filter: %w", err)
		}
		text = strings.TrimSpace(string(content))
	}
	opt, err := f.options()
	if err != nil {
		return err
	}
	program, err := pcapfilter.Compile(text, opt)
	if err != nil {
		return filterError(err)
	}
	var out []byte
	switch f.style {
	case 0, 1:
		out = program.Append(nil)
	case 2:
		out = program.AppendC(nil)
	default:
		out = program.AppendDecimal(nil)
	}
	if program.RejectsAll() {
		fmt.Fprintln(env.stderr, "pkt: the filter rejects all packets")
	}
	_, err = env.stdout.Write(out)
	return err
}

// batchLine is one filter of a batch and what it has matched so far.
type batchLine struct {
	cache *pcapfilter.Cache
	err   error
	nums  []byte
	count int
}

// runBatch runs all filters of a file in one pass over the capture.
func (f *filterFlags) runBatch(w io.Writer) error {
	if f.read == "" {
		return usagef("--batch needs a capture: name it with -r FILE")
	}
	opt, err := f.options()
	if err != nil {
		return err
	}
	lines, err := readBatch(f.batch, opt)
	if err != nil {
		return err
	}
	src, err := pcapfile.Open([]string{f.read}, pcapfile.Options{})
	if err != nil {
		return err
	}
	defer src.Close()
	var b packet.Batch
	for {
		if err := src.Next(&b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		for i := range lines {
			lines[i].match(&b)
		}
	}
	b.Reset()
	return printBatch(w, lines)
}

// readBatch reads the filters of a file, a line each.
func readBatch(name string, opt pcapfilter.Options) ([]batchLine, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the filters: %w", err)
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n")
	var lines []batchLine
	for text := range strings.Lines(string(content)) {
		text = unescape.Replace(strings.TrimSuffix(text, "\n"))
		lines = append(lines, batchLine{cache: pcapfilter.NewCache(text, opt)})
	}
	return lines, nil
}

// match notes the numbers of the packets that match.
func (l *batchLine) match(b *packet.Batch) {
	if l.err != nil {
		return
	}
	var out packet.Set
	if out, l.err = l.cache.Filter(b, b.All()); l.err != nil {
		return
	}
	for i := out.Next(0); i >= 0; i = out.Next(i + 1) {
		if l.count++; l.count > 1 {
			l.nums = append(l.nums, ',')
		}
		l.nums = strconv.AppendUint(l.nums, b.Num(i), 10)
	}
}

func printBatch(w io.Writer, lines []batchLine) error {
	out := bufio.NewWriter(w)
	for i := range lines {
		if l := &lines[i]; l.err != nil {
			fmt.Fprintf(out, "E %s\n", strings.ReplaceAll(l.err.Error(), "\n", " "))
		} else {
			sum := sha1.Sum(l.nums)
			fmt.Fprintf(out, "%d %s\n", l.count, hex.EncodeToString(sum[:8]))
		}
	}
	return out.Flush()
}
