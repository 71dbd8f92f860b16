package flow

// Letters of Zeek's history, as their place in letterText. Letters of the
// originator are upper case, of the responder lower case.
const (
	letterSYN     = 1 + iota // SYN without ACK
	letterSYNACK             // SYN with ACK
	letterACK                // ACK without payload
	letterData               // payload
	letterFIN                // FIN
	letterRST                // RST
	letterRetrans            // payload seen before, at 1, 10, 100, … times
	letterWindow             // zero window, likewise
	letterGap                // sequence space that was acknowledged but not seen, likewise
	letterIncons             // FIN and RST
	letterMulti              // SYN with FIN or RST
	letterFlip               // originator and responder exchanged
	letterLower              // added to a letter of the responder
)

const letterText = "?SHADFRTWGIQ^shadfrtwgiq"

// history holds up to twelve letters of five bits, the latest lowest. Longer
// ones live on in rare.history.
type history uint64

// full reports whether there is no room for another letter.
func (h history) full() bool { return h>>55 != 0 }

// appendText appends the letters as text.
func (h history) appendText(dst []byte) []byte {
	for shift := 55; shift >= 0; shift -= 5 {
		if code := h >> uint(shift) & 31; code != 0 {
			dst = append(dst, letterText[code])
		}
	}
	return dst
}

// letter adds to the history of a connection.
func (t *Table) letter(c conn, code uint8) {
	if !c.history.full() {
		c.history = c.history<<5 | history(code)
		return
	}
	x := t.trouble(c)
	if n := int(x.historyLen); n < len(x.history) {
		x.history[n] = letterText[code]
		x.historyLen++
	}
}

// appendHistory appends the whole history of a connection.
func (t *Table) appendHistory(dst []byte, c conn) []byte {
	dst = c.history.appendText(dst)
	if c.rare != 0 {
		x := t.rare.at(c.rare - 1)
		dst = append(dst, x.history[:x.historyLen]...)
	}
	return dst
}

// cased returns the letter in the case of a side.
func cased(code uint8, isOrigin bool) uint8 {
	if isOrigin {
		return code
	}
	return code + letterLower - 1
}

// scaled reports whether the n-th event of a kind gets a letter: the first, the
// 10th, the 100th and so on.
func scaled(n uint32) bool {
	for ; n%10 == 0 && n > 0; n /= 10 {
	}
	return n == 1
}
