package app

import "bytes"

// HTTP is the beginning of an HTTP/1 message (RFC 9112), or of one of the
// protocols that begin like it: SIP (RFC 3261) and RTSP (RFC 7826).
type HTTP struct {
	Line    []byte // the first line, without its end, as far as it was captured
	Method  []byte // of a request, else nil
	Target  []byte // likewise
	Version []byte // such as HTTP/1.1; empty where the line was cut in front of it
	Status  uint16 // of a response, else 0
	rest    []byte // behind the first line
}

// httpMinLen is the length of the shortest line that is looked at.
const httpMinLen = 12

// httpMaxLine bounds how far the end of the first line is looked for.
const httpMaxLine = 2048

// AsHTTP returns the message that b begins with: a method and a target, or a
// version and a status.
func AsHTTP(b []byte) (h HTTP, ok bool) {
	if len(b) < httpMinLen || !plausibleHTTP(b) {
		return HTTP{}, false
	}
	h.Line, h.rest = cutLine(b)
	first, rest, _ := bytes.Cut(h.Line, []byte(" "))
	if hasVersion(first) {
		if len(rest) < 3 || !digits(rest[:3]) {
			return HTTP{}, false
		}
		h.Version = first
		h.Status = uint16(rest[0]-'0')*100 + uint16(rest[1]-'0')*10 + uint16(rest[2]-'0')
		return h, true
	}
	target, version, whole := bytes.Cut(rest, []byte(" "))
	if len(target) == 0 || whole && !hasVersion(version) || !whole && len(h.rest) > 0 {
		return HTTP{}, false
	}
	h.Method, h.Target, h.Version = first, target, version
	return h, true
}

// plausibleHTTP looks at the first word: capital letters up to a blank, or a
// version. It is asked for every payload.
func plausibleHTTP(b []byte) bool {
	for i, c := range b[:httpMinLen-1] {
		switch {
		case c >= 'A' && c <= 'Z', c == '-' && i > 0:
		case c == ' ' && i >= 3:
			return b[i+1] > ' ' && b[i+1] < 0x7f
		case c == '/' && i >= 3:
			return hasVersion(b)
		default:
			return false
		}
	}
	return false
}

// hasVersion reports whether b begins with the version of a protocol that is
// written as HTTP's.
func hasVersion(b []byte) bool {
	return bytes.HasPrefix(b, []byte("HTTP/")) || bytes.HasPrefix(b, []byte("SIP/")) || bytes.HasPrefix(b, []byte("RTSP/"))
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// cutLine cuts the first line off b.
func cutLine(b []byte) (line, rest []byte) {
	n := bytes.IndexByte(b[:min(len(b), httpMaxLine)], '\n')
	if n < 0 {
		return b[:min(len(b), httpMaxLine)], nil
	}
	return bytes.TrimSuffix(b[:n], []byte("\r")), b[n+1:]
}

// Header returns the value of a header field, nil if it is not there. The name
// is in lower case.
func (h *HTTP) Header(name string) []byte {
	for rest := h.rest; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		if len(line) == 0 {
			return nil
		}
		key, value, ok := bytes.Cut(line, []byte(":"))
		if ok && equalFold(key, name) {
			return bytes.TrimSpace(value)
		}
	}
	return nil
}

// equalFold reports whether b is an ASCII word, given in lower case.
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// FirstLine returns the first line of a payload that is text, without its end:
// what protocols such as FTP and SMTP say.
func FirstLine(b []byte) (line []byte, ok bool) {
	line, _ = cutLine(b[:min(len(b), 512)])
	for _, c := range line {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return nil, false
		}
	}
	return line, len(line) > 0
}
