package content

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultName is the template of file names that tcpflow's users know.
const DefaultName = "{src_ip}.{src_port}-{dst_ip}.{dst_port}"

// NameFields are what a template of file names may hold in braces. src is who sent
// the content of the file, dst who received it.
var NameFields = []string{"src_ip", "src_port", "dst_ip", "dst_port", "proto", "side", "flow_id", "start", "vlan"}

// About is what is known of the stream of a file.
type About struct {
	Src, Dst netip.AddrPort // sender and receiver of the content
	Proto    string         // "tcp" or "udp"
	Side     string         // "client" or "server": who the sender is believed to be
	FlowID   string
	Start    time.Time // of the flow
	VLAN     string    // "" if there is none
}

// Template makes the names of files.
type Template struct{ parts []namePart }

// namePart is text, or the field whose value stands there.
type namePart struct{ text, field string }

// maxName is how long the name of a file or folder may be, in bytes; what exceeds it is
// cut. Room for a number and an ending is left to 255.
const maxName = 200

// ParseTemplate reads a template such as DefaultName. A slash puts files into folders
// below that of the others.
func ParseTemplate(text string) (Template, error) {
	var t Template
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if i := strings.IndexFunc(before, unsafe); i >= 0 {
			return t, fmt.Errorf("the name %q holds %q: use letters, digits, . _ - + = @ %% and / for folders", text, before[i:i+1])
		}
		if before != "" {
			t.parts = append(t.parts, namePart{text: before})
		}
		if !found {
			break
		}
		field, end, closed := strings.Cut(after, "}")
		if !closed {
			return t, fmt.Errorf("the name %q has a { without its }", text)
		}
		if !slices.Contains(NameFields, field) {
			return t, fmt.Errorf("the name %q has no field {%s}: use %s", text, field, strings.Join(NameFields, ", "))
		}
		t.parts = append(t.parts, namePart{field: field})
		rest = end
	}
	if name := t.name(&About{}); name == "" || strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") {
		return t, fmt.Errorf("the name %q names no file of the folder", text)
	}
	for _, folder := range strings.Split(text, "/") {
		if strings.Trim(folder, ".") == "" {
			return t, fmt.Errorf("the name %q leads out of the folder", text)
		}
	}
	return t, nil
}

// unsafe reports whether a character has no place in the name of a file.
func unsafe(r rune) bool {
	return r > 0x7e || r <= 0x20 || strings.ContainsRune(`"'*:<>?\|&;$`+"`}", r)
}

// Name returns the name for a stream: a relative path with slashes, of which every
// part is the name of a file or folder and nothing else.
func (t Template) Name(a *About) string { return t.name(a) }

func (t Template) name(a *About) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.field == "" {
			b.WriteString(p.text)
		} else {
			b.WriteString(clean(a.value(p.field)))
		}
	}
	parts := strings.Split(b.String(), "/")
	for i, p := range parts {
		if len(p) > maxName {
			p = p[:maxName]
		}
		if strings.Trim(p, ".") == "" {
			p = "_"
		}
		parts[i] = p
	}
	return strings.Join(parts, "/")
}

// value returns the value of a field as text.
func (a *About) value(field string) string {
	switch field {
	case "src_ip":
		return a.Src.Addr().String()
	case "src_port":
		return strconv.Itoa(int(a.Src.Port()))
	case "dst_ip":
		return a.Dst.Addr().String()
	case "dst_port":
		return strconv.Itoa(int(a.Dst.Port()))
	case "proto":
		return a.Proto
	case "side":
		return a.Side
	case "flow_id":
		return a.FlowID
	case "start":
		return a.Start.UTC().Format("20060102T150405.000000")
	case "vlan":
		return a.VLAN
	}
	return ""
}

// clean makes text safe as a part of a file's name: what may not stand there, the
// colons of IPv6 addresses for one, becomes an underscore.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || unsafe(r) {
			return '_'
		}
		return r
	}, text)
}
