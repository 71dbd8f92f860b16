package process

import (
	"strconv"
	"strings"

	"pkt/packet"
)

// A capture file says who owns a packet by a comment, which Wireshark shows, in the
// words of logfmt:
//
//	process=nginx pid=812 start=48211 uid=33 user=www-data unit=nginx.service exe=/usr/sbin/nginx via=io
//
// start is in hundredths of a second since the machine booted. What is no process is
// process=kernel, process=forwarded or process=unowned, without a pid.
const commentStart = "process="

// AppendComment appends what a capture file says of an owner.
func AppendComment(dst []byte, o *Owner, via Via) []byte {
	dst = appendWord(append(dst, commentStart...), o.Comm)
	number := func(name string, v uint64, has bool) {
		if has {
			dst = append(append(append(dst, ' '), name...), '=')
			dst = strconv.AppendUint(dst, v, 10)
		}
	}
	word := func(name, v string) {
		if v != "" {
			dst = append(append(append(dst, ' '), name...), '=')
			dst = appendWord(dst, v)
		}
	}
	number("pid", uint64(o.PID), o.PID != 0)
	number("start", o.Start, o.Start != 0)
	number("uid", uint64(o.UID), o.HasUID)
	word("user", o.User)
	word("unit", o.Unit)
	word("container", o.Container)
	word("runtime", o.Kind)
	word("pod", o.Pod)
	word("exe", o.Exe)
	word("via", ViaNames[via])
	return dst
}

// appendWord appends a value, in quotes where it needs them.
func appendWord(dst []byte, s string) []byte {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '"' || r == '=' || r >= 0x7f }) {
		return strconv.AppendQuoteToASCII(dst, s)
	}
	return append(dst, s...)
}

// ParseComment reads what AppendComment wrote. Words that it does not know are skipped.
func ParseComment(text string) (o Owner, via Via, ok bool) {
	if !strings.HasPrefix(text, commentStart) {
		return o, 0, false
	}
	for text != "" {
		name, rest, found := strings.Cut(text, "=")
		if !found {
			return o, 0, false
		}
		var value string
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return o, 0, false
			}
			value, _ = strconv.Unquote(quoted)
			rest = rest[len(quoted):]
			if rest != "" && rest[0] != ' ' {
				return o, 0, false
			}
			rest = strings.TrimPrefix(rest, " ")
		} else {
			value, rest, _ = strings.Cut(rest, " ")
		}
		if !o.set(name, value, &via) {
			return o, 0, false
		}
		text = rest
	}
	return o, via, o.Comm != ""
}

// set takes one word of a comment.
func (o *Owner) set(name, value string, via *Via) bool {
	n, err := strconv.ParseUint(value, 10, 64)
	switch name {
	case "process":
		o.Comm = value
	case "pid":
		o.PID = uint32(n)
		return err == nil && n>>32 == 0
	case "start":
		o.Start = n
		return err == nil
	case "uid":
		o.UID, o.HasUID = uint32(n), true
		return err == nil && n>>32 == 0
	case "user":
		o.User = value
	case "unit":
		o.Unit = value
	case "container":
		o.Container = value
	case "runtime":
		o.Kind = value
	case "pod":
		o.Pod = value
	case "exe":
		o.Exe = value
	case "via":
		for v, known := range ViaNames {
			if known == value {
				*via = Via(v)
			}
		}
	}
	return true
}

// Noted finds the owners that capture files tell of. One goroutine uses it.
type Noted struct {
	table *Table
	texts map[string]ID // of comments
	seen  bool
}

// notedMax is how many comments are remembered.
const notedMax = 1 << 16

// NewNoted returns a Noted that enters owners into a table.
func NewNoted(t *Table) *Noted { return &Noted{table: t, texts: map[string]ID{}} }

// Seen reports whether a capture has told of any owner yet.
func (n *Noted) Seen() bool { return n.seen }

// Owner returns whom the notes of one packet name, Nobody if they name none. The comment
// says more than the option that only has a pid.
func (n *Noted) Owner(notes []packet.Note) ID {
	id := Nobody
	for i := range notes {
		switch note := &notes[i]; note.Kind {
		case packet.NoteComment:
			if found := n.comment(note.Text); found != Nobody {
				n.seen = true
				return found
			}
		case packet.NoteProcess:
			n.seen = true
			id = n.pid(note.PID)
		}
	}
	return id
}

// pid returns the process of which only the pid is known.
func (n *Noted) pid(pid uint32) ID {
	id, ok := n.table.find(pid, 0, ^uint64(0))
	if !ok {
		id = n.table.add(Owner{PID: pid}, "")
	}
	n.table.known(id, ViaFile)
	return id
}

// comment returns the owner that a comment tells of.
func (n *Noted) comment(text string) ID {
	if id, ok := n.texts[text]; ok {
		return id
	}
	id := Nobody
	if o, _, ok := ParseComment(text); ok {
		id = n.enter(o)
	}
	if len(n.texts) < notedMax {
		n.texts[text] = id
	}
	return id
}

// enter finds or adds an owner.
func (n *Noted) enter(o Owner) ID {
	if o.PID == 0 && !o.HasUID {
		for id := Kernel; id < firstProcess; id++ {
			if noProcess[id].Comm == o.Comm {
				return id
			}
		}
	}
	// Captures of several machines may use one pid for different processes.
	id := n.table.add(o, o.Comm)
	n.table.known(id, ViaFile)
	return id
}
