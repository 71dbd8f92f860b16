package pkttest

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Terminal is a terminal in small: it takes what a program writes to one and
// tells what is to be seen. It knows the sequences that full screens are drawn
// with, keeps the normal screen apart from the other one, and counts what it does
// not know.
type Terminal struct {
	lock          sync.Mutex
	width, height int
	cells         [2][][]rune // of the normal and of the other screen
	row, col      [2]int
	top, bottom   int // lines that scroll, the second one behind the last
	alt           int // 1: the other screen is shown
	hidden        bool
	rest          []byte // of a sequence that is not whole yet
	seen          []byte
	last          rune // for REP
	Unknown       []string
}

// NewTerminal returns an empty terminal.
func NewTerminal(width, height int) *Terminal {
	t := new(Terminal)
	t.Resize(width, height)
	return t
}

// Resize changes the size. What is seen stays at its place.
func (t *Terminal) Resize(width, height int) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for s := range t.cells {
		old := t.cells[s]
		t.cells[s] = make([][]rune, height)
		for y := range t.cells[s] {
			t.cells[s][y] = []rune(strings.Repeat(" ", width))
			if y < len(old) {
				copy(t.cells[s][y], old[y])
			}
		}
		t.row[s], t.col[s] = min(t.row[s], height-1), min(t.col[s], width-1)
	}
	t.width, t.height = width, height
	t.top, t.bottom = 0, height
}

// Lines returns what is to be seen, without blanks at the ends of lines.
func (t *Terminal) Lines() []string {
	t.lock.Lock()
	defer t.lock.Unlock()
	var out []string
	for _, line := range t.cells[t.alt] {
		out = append(out, strings.TrimRight(string(line), " "))
	}
	return out
}

// String returns the lines as one text.
func (t *Terminal) String() string { return strings.Join(t.Lines(), "\n") }

// Restored reports whether the normal screen and its cursor are to be seen.
func (t *Terminal) Restored() bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.alt == 0 && !t.hidden
}

// Seen returns all that was written.
func (t *Terminal) Seen() []byte {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.seen
}

// Write implements io.Writer.
func (t *Terminal) Write(p []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.seen = append(t.seen, p...)
	text := append(t.rest, p...)
	for len(text) > 0 {
		n := t.step(text)
		if n == 0 {
			break
		}
		text = text[n:]
	}
	t.rest = append([]byte(nil), text...)
	return len(p), nil
}

// step takes one character or sequence and returns its length, 0 if it is not
// whole.
func (t *Terminal) step(text []byte) int {
	col := &t.col[t.alt]
	switch text[0] {
	case '\r':
		*col = 0
	case '\n':
		t.feed()
	case '\b':
		*col = max(*col-1, 0)
	case '\t':
		*col = min(*col/8*8+8, t.width-1)
	case 0x07:
	case 0x1b:
		return t.escape(text)
	default:
		if !utf8.FullRune(text) {
			return 0
		}
		r, n := utf8.DecodeRune(text)
		t.put(r)
		return n
	}
	return 1
}

// feed moves to the next line.
func (t *Terminal) feed() {
	row := &t.row[t.alt]
	switch {
	case *row == t.bottom-1:
		t.shift(t.top, 1, false)
	case *row < t.height-1:
		*row++
	}
}

func (t *Terminal) put(r rune) {
	row, col := &t.row[t.alt], &t.col[t.alt]
	if *col >= t.width {
		*col = 0
		t.feed()
	}
	t.cells[t.alt][*row][*col] = r
	*col++
	t.last = r
}

// escape takes an escape sequence.
func (t *Terminal) escape(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '[':
		for i := 2; i < len(text); i++ {
			if text[i] >= 0x40 && text[i] <= 0x7e {
				t.control(string(text[2:i]), text[i])
				return i + 1
			}
		}
		return 0
	case ']', 'P', '_':
		for i := 2; i < len(text); i++ {
			if text[i] == 0x07 {
				return i + 1
			}
			if text[i] == '\\' && text[i-1] == 0x1b {
				return i + 1
			}
		}
		return 0
	case 'M':
		if row := &t.row[t.alt]; *row == t.top {
			t.shift(t.top, 1, true)
		} else {
			*row = max(*row-1, 0)
		}
	case '(', ')':
		return min(3, len(text))
	case '7', '8', '=', '>', 'c':
	default:
		t.Unknown = append(t.Unknown, "ESC "+string(text[1]))
	}
	return 2
}

// control does what a control sequence says.
func (t *Terminal) control(params string, final byte) {
	row, col := &t.row[t.alt], &t.col[t.alt]
	if strings.ContainsAny(params, "?<>=$") {
		t.mode(params, final)
		return
	}
	p := strings.Split(params, ";")
	n := func(i, unset int) int {
		if i < len(p) {
			if v, err := strconv.Atoi(p[i]); err == nil {
				return v
			}
		}
		return unset
	}
	line := t.cells[t.alt][*row]
	switch final {
	case 'H', 'f':
		*row, *col = n(0, 1)-1, n(1, 1)-1
	case 'A':
		*row -= n(0, 1)
	case 'B':
		*row += n(0, 1)
	case 'C':
		*col += n(0, 1)
	case 'D':
		*col -= n(0, 1)
	case 'G', '`':
		*col = n(0, 1) - 1
	case 'd':
		*row = n(0, 1) - 1
	case 'J':
		t.eraseScreen(n(0, 0))
	case 'K':
		switch n(0, 0) {
		case 0:
			blank(line[min(*col, t.width):])
		case 1:
			blank(line[:min(*col+1, t.width)])
		default:
			blank(line)
		}
	case 'X':
		blank(line[min(*col, t.width):min(*col+n(0, 1), t.width)])
	case 'P':
		at := min(*col, t.width)
		k := min(n(0, 1), t.width-at)
		copy(line[at:], line[at+k:])
		blank(line[t.width-k:])
	case '@':
		at := min(*col, t.width)
		k := min(n(0, 1), t.width-at)
		copy(line[at+k:], line[at:])
		blank(line[at : at+k])
	case 'L', 'M':
		t.shift(*row, n(0, 1), final == 'L')
	case 'S', 'T':
		t.shift(t.top, n(0, 1), final == 'T')
	case 'r':
		t.top, t.bottom = min(n(0, 1), t.height)-1, min(n(1, t.height), t.height)
		*row, *col = 0, 0
	case 'b':
		for range n(0, 1) {
			t.put(t.last)
		}
	case 'I':
		*col = *col/8*8 + 8*n(0, 1)
	case 'Z':
		*col = (*col+7)/8*8 - 8*n(0, 1)
	case 'a':
		*col += n(0, 1)
	case 'e':
		*row += n(0, 1)
	case 'm', 'n', 'q', 't', 'c', 'u', 'g', 'h', 'l', 'p':
	default:
		t.Unknown = append(t.Unknown, "CSI "+params+string(final))
	}
	*row, *col = max(min(*row, t.height-1), 0), max(min(*col, t.width), 0)
}

// shift moves the lines from one on, as far as lines scroll, down or up.
func (t *Terminal) shift(from, n int, down bool) {
	if from < t.top || from >= t.bottom {
		return
	}
	cells := t.cells[t.alt][from:t.bottom]
	for range min(n, len(cells)) {
		fresh := []rune(strings.Repeat(" ", t.width))
		if down {
			copy(cells[1:], cells)
			cells[0] = fresh
		} else {
			copy(cells, cells[1:])
			cells[len(cells)-1] = fresh
		}
	}
}

// mode switches what private sequences switch.
func (t *Terminal) mode(params string, final byte) {
	if final != 'h' && final != 'l' || !strings.HasPrefix(params, "?") {
		return
	}
	for _, m := range strings.Split(params[1:], ";") {
		switch m {
		case "1049", "1047", "47":
			if t.alt = 0; final == 'h' {
				t.alt = 1
				for _, line := range t.cells[1] {
					blank(line)
				}
			}
		case "25":
			t.hidden = final == 'l'
		}
	}
}

func (t *Terminal) eraseScreen(what int) {
	row, col := t.row[t.alt], t.col[t.alt]
	for y, line := range t.cells[t.alt] {
		switch {
		case what >= 2, what == 0 && y > row, what == 1 && y < row:
			blank(line)
		case y == row && what == 0:
			blank(line[min(col, t.width):])
		case y == row:
			blank(line[:min(col+1, t.width)])
		}
	}
}

func blank(cells []rune) {
	for i := range cells {
		cells[i] = ' '
	}
}
