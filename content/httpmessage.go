package content

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Messages of HTTP/1, RFC 9110 and RFC 9112.

// maxHead is how long the head of a message may be: start line and fields.
const maxHead = 64 << 10

// message is the head of a message, as far as its body needs it.
type message struct {
	response bool
	method   string // of the request, for a response that of the request it answers
	target   string
	host     string
	status   int

	mediaType string
	encodings []string // of the content, in the order in which they were applied
	fileName  string

	framing framing
	length  int64 // valid only with byLength
}

// framing is how the end of a body is told, RFC 9112 section 6.3.
type framing uint8

const (
	noBody framing = iota
	byLength
	byChunks
	byClose
	noMessages // what follows is no HTTP: a tunnel, or another protocol
)

// methods are the words that most requests begin with.
var methods = []string{
	"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
	"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "NOTIFY",
	"SUBSCRIBE", "UNSUBSCRIBE", "M-SEARCH",
}

// startsMessage reports whether bytes begin as a message does; more is set where that
// depends on what follows.
func startsMessage(b []byte) (yes, more bool) {
	const version = "HTTP/1."
	if n := min(len(b), len(version)); string(b[:n]) == version[:n] {
		return n == len(version), n < len(version)
	}
	for i, c := range b[:min(len(b), maxMethod+1)] {
		switch {
		case c == ' ':
			return i > 0, false
		case (c < 'A' || c > 'Z') && c != '-' && c != '_':
			return false, false
		}
	}
	return false, len(b) <= maxMethod
}

// maxMethod is how long the method of a request may be.
const maxMethod = 24

// knownMethod reports whether bytes begin with a method that is often used. Where a side
// was lost, only these tell that a message begins.
func knownMethod(b []byte) bool {
	return slices.ContainsFunc(methods, func(m string) bool { return strings.HasPrefix(string(b[:min(len(b), maxMethod)]), m+" ") })
}

// headEnd returns the length of a head, its empty line included; 0 if that is not
// there yet.
func headEnd(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return 0
		}
		at += i + 1
		if rest := b[at:]; len(rest) > 0 && rest[0] == '\n' {
			return at + 1
		} else if len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n' {
			return at + 2
		}
	}
}

// parseHead reads the head of a message. A response is told what it answers.
func parseHead(head []byte, answers func() message) (m message, ok bool) {
	line, fields, _ := bytes.Cut(head, []byte("\n"))
	words := strings.Fields(string(line))
	switch {
	case len(words) >= 2 && strings.HasPrefix(words[0], "HTTP/1."):
		m.response = true
		if m.status, _ = strconv.Atoi(words[1]); m.status < 100 || m.status > 999 {
			return m, false
		}
		if m.status >= 200 || m.status == 101 {
			r := answers()
			m.method, m.target, m.host = r.method, r.target, r.host
		}
	case len(words) >= 3 && strings.HasPrefix(words[len(words)-1], "HTTP/1."):
		m.method, m.target = words[0], strings.Join(words[1:len(words)-1], " ")
	default:
		return m, false
	}
	f := parseFields(fields)
	m.frame(&f)
	m.describe(&f)
	return m, true
}

// fields are those of a head that matter here.
type fields struct {
	lengths, transfer, encoding, mediaType, disposition, host string
}

func parseFields(b []byte) (f fields) {
	for len(b) > 0 {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte("\n"))
		name, value, found := strings.Cut(string(bytes.TrimRight(line, "\r")), ":")
		if !found {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "content-length":
			f.lengths = join(f.lengths, value)
		case "transfer-encoding":
			f.transfer = join(f.transfer, value)
		case "content-encoding":
			f.encoding = join(f.encoding, value)
		case "content-type":
			f.mediaType = value
		case "content-disposition":
			f.disposition = value
		case "host":
			f.host = value
		}
	}
	return f
}

// join adds to a list what another line of the same field holds.
func join(list, more string) string {
	if list == "" {
		return more
	}
	return list + "," + more
}

// frame finds out how long the body is.
func (m *message) frame(f *fields) {
	switch {
	case m.response && (m.status == 101 || m.method == "CONNECT" && m.status/100 == 2):
		m.framing = noMessages
	case m.response && (m.method == "HEAD" || m.status/100 == 1 || m.status == 204 || m.status == 304):
		m.framing = noBody
	case f.transfer != "":
		m.framing = byClose
		if last := f.transfer[strings.LastIndexByte(f.transfer, ',')+1:]; strings.EqualFold(strings.TrimSpace(last), "chunked") {
			m.framing = byChunks
		} else if !m.response {
			m.framing = noMessages // a request that nobody can tell the end of
		}
	case f.lengths != "":
		m.framing = byLength
		n, ok := oneLength(f.lengths)
		if m.length = n; !ok {
			m.framing = noMessages
		}
	case m.response:
		m.framing = byClose
	}
}

// oneLength reads a Content-Length, which may be given repeatedly if it stays the same.
func oneLength(list string) (n int64, ok bool) {
	n = -1
	for text := range strings.SplitSeq(list, ",") {
		v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || v < 0 || n >= 0 && v != n {
			return 0, false
		}
		n = v
	}
	return n, true
}

// describe notes what the body is.
func (m *message) describe(f *fields) {
	m.mediaType = strings.ToLower(strings.TrimSpace(before(f.mediaType, ';')))
	for e := range strings.SplitSeq(f.encoding, ",") {
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" && e != "identity" {
			m.encodings = append(m.encodings, e)
		}
	}
	if !m.response {
		m.host = f.host
	}
	if i := strings.Index(strings.ToLower(f.disposition), "filename="); i >= 0 {
		name := f.disposition[i+len("filename="):]
		if strings.HasPrefix(name, `"`) {
			name = before(name[1:], '"')
		} else {
			name = strings.TrimSpace(before(name, ';'))
		}
		m.fileName = name
	}
}

// before returns what stands in front of a byte.
func before(text string, c byte) string {
	if i := strings.IndexByte(text, c); i >= 0 {
		return text[:i]
	}
	return text
}

// extensions are the endings of files by media type, those that a capture is likely to
// hold.
var extensions = map[string]string{
	"application/gzip": "gz", "application/java-archive": "jar", "application/javascript": "js",
	"application/json": "json", "application/msword": "doc", "application/ocsp-request": "ocsp",
	"application/ocsp-response": "ocsp", "application/octet-stream": "bin", "application/pdf": "pdf",
	"application/pkix-cert": "crt", "application/pkix-crl": "crl", "application/rss+xml": "xml",
	"application/soap+xml": "xml", "application/vnd.android.package-archive": "apk",
	"application/vnd.microsoft.portable-executable": "exe", "application/vnd.ms-cab-compressed": "cab",
	"application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "xlsx",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   "docx",
	"application/wasm": "wasm", "application/x-bzip2": "bz2", "application/x-debian-package": "deb",
	"application/x-dosexec": "exe", "application/x-gzip": "gz", "application/x-javascript": "js",
	"application/x-msdos-program": "exe", "application/x-msdownload": "exe", "application/x-rpm": "rpm",
	"application/x-sh": "sh", "application/x-shockwave-flash": "swf", "application/x-tar": "tar",
	"application/x-www-form-urlencoded": "txt", "application/x-xz": "xz", "application/xhtml+xml": "xhtml",
	"application/xml": "xml", "application/zip": "zip", "application/zstd": "zst",
	"audio/aac": "aac", "audio/mpeg": "mp3", "audio/ogg": "ogg", "audio/wav": "wav", "audio/webm": "weba",
	"font/otf": "otf", "font/ttf": "ttf", "font/woff": "woff", "font/woff2": "woff2",
	"image/avif": "avif", "image/bmp": "bmp", "image/gif": "gif", "image/jpeg": "jpg", "image/jpg": "jpg",
	"image/png": "png", "image/svg+xml": "svg", "image/tiff": "tiff", "image/vnd.microsoft.icon": "ico",
	"image/webp": "webp", "image/x-icon": "ico", "message/rfc822": "eml", "multipart/form-data": "form",
	"text/cache-manifest": "txt", "text/calendar": "ics", "text/css": "css", "text/csv": "csv",
	"text/html": "html", "text/javascript": "js", "text/plain": "txt", "text/xml": "xml",
	"video/mp2t": "ts", "video/mp4": "mp4", "video/mpeg": "mpg", "video/ogg": "ogv", "video/quicktime": "mov",
	"video/webm": "webm", "video/x-flv": "flv", "video/x-msvideo": "avi",
}

// extension returns the ending of a file for the body: by its media type, else as its
// target has it.
func (m *message) extension() string {
	if e, ok := extensions[m.mediaType]; ok && m.mediaType != "application/octet-stream" {
		return e
	}
	for _, name := range []string{m.fileName, before(before(m.target, '?'), '#')} {
		name = name[strings.LastIndexByte(name, '/')+1:]
		if i := strings.LastIndexByte(name, '.'); i > 0 && i+1 < len(name) && len(name)-i <= 6 && isAlnum(name[i+1:]) && m.response {
			return strings.ToLower(name[i+1:])
		}
	}
	switch {
	case strings.HasSuffix(m.mediaType, "+json"):
		return "json"
	case strings.HasSuffix(m.mediaType, "+xml"):
		return "xml"
	case strings.HasPrefix(m.mediaType, "text/"):
		return "txt"
	}
	return "bin"
}

func isAlnum(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}
