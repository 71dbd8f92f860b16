package output

import (
	"math"
	"unicode/utf8"
)

// blocks are the eighths of a cell, from the left.
var blocks = [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}

// asciiBlocks stand for the same eighths without block characters.
var asciiBlocks = [...]string{"", ".", ".", ".", ":", ":", ":", ":", "#"}

// levels are the heights of a sparkline.
var levels = [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

// asciiLevels are the same heights without block characters.
var asciiLevels = [...]string{"_", ".", "-", "=", "+", "*", "%", "#"}

// AppendBar appends a horizontal bar that fills share (0 to 1) of width cells,
// in eighths of a cell, then blanks: always width cells. Something above zero
// is never drawn as nothing.
func AppendBar(dst []byte, share float64, width int, ascii bool) []byte {
	dst, used := appendBlocks(dst, share, width, ascii)
	return appendBlanks(dst, width-used)
}

// appendBlocks appends a bar without the blanks behind it and returns how many
// cells it takes.
func appendBlocks(dst []byte, share float64, width int, ascii bool) ([]byte, int) {
	set := &blocks
	if ascii {
		set = &asciiBlocks
	}
	if !(share > 0) || width <= 0 {
		return dst, 0
	}
	n := min(max(int(math.Round(min(share, 1)*float64(width)*8)), 1), width*8)
	for range n / 8 {
		dst = append(dst, set[8]...)
	}
	dst = append(dst, set[n%8]...)
	return dst, (n + 7) / 8
}

// AppendSparkline appends one cell per value, its height value/top. A value
// that is not a number is a gap. Give all sparklines of a screen the same top.
func AppendSparkline(dst []byte, values []float64, top float64, ascii bool) []byte {
	set := &levels
	if ascii {
		set = &asciiLevels
	}
	for _, v := range values {
		if math.IsNaN(v) {
			dst = append(dst, ' ')
			continue
		}
		level := 0
		if v > 0 && top > 0 {
			level = int(math.Round(min(v/top, 1) * float64(len(set)-1)))
		}
		dst = append(dst, set[level]...)
	}
	return dst
}

// Dots of a cell of a graph, by how many of its four rows are filled: of its
// left and its right column, from below and from above (Unicode braille).
var (
	dotsUp   = [2][5]rune{{0, 0x40, 0x44, 0x46, 0x47}, {0, 0x80, 0xa0, 0xb0, 0xb8}}
	dotsDown = [2][5]rune{{0, 0x01, 0x03, 0x07, 0x47}, {0, 0x08, 0x18, 0x38, 0xb8}}
)

// asciiDots stand for filled halves of a cell from below and from above.
var asciiDots = [2][3]byte{{' ', '.', ':'}, {' ', '\'', ':'}}

// noDots is the braille cell without dots.
const noDots = 0x2800

// AppendGraph appends one of the lines of a graph that is height lines high: line
// 0 is at its base, the bottom or, with down, the top. It shows the latest of the
// values, two a cell, the newest at the right end of width cells, each as high as
// value/top. A value above zero is never drawn as nothing; one that is not a
// number is a gap.
func AppendGraph(dst []byte, values []float64, top float64, width, height, line int, down, ascii bool) []byte {
	dots := &dotsUp
	if down {
		dots = &dotsDown
	}
	for cell := range width {
		var pattern rune
		filled := 0
		for half := range 2 {
			if at := len(values) - 2*(width-cell) + half; at >= 0 {
				n := graphRows(values[at], top, height) - 4*line
				n = min(max(n, 0), 4)
				filled = max(filled, (n+1)/2)
				pattern |= dots[half][n]
			}
		}
		switch {
		case ascii && down:
			dst = append(dst, asciiDots[1][filled])
		case ascii:
			dst = append(dst, asciiDots[0][filled])
		case pattern == 0:
			dst = append(dst, ' ')
		default:
			dst = utf8.AppendRune(dst, noDots+pattern)
		}
	}
	return dst
}

// graphRows is how many rows of dots a value fills.
func graphRows(v, top float64, height int) int {
	if !(v > 0) || !(top > 0) {
		return 0
	}
	return max(int(math.Round(min(v/top, 1)*float64(4*height))), 1)
}

// Resample appends n averages over equal parts of src, so that a series fits a
// width. A source value that lies across two parts counts in both by its
// share; gaps (NaN) do not count. A series that is short enough stays as it is.
func Resample(dst, src []float64, n int) []float64 {
	if len(src) <= n {
		return append(dst, src...)
	}
	step := float64(len(src)) / float64(n)
	for i := range n {
		from, to := float64(i)*step, float64(i+1)*step
		sum, weight := 0.0, 0.0
		for j := int(from); j < len(src) && float64(j) < to; j++ {
			part := min(to, float64(j+1)) - max(from, float64(j))
			if !math.IsNaN(src[j]) && part > 0 {
				sum, weight = sum+part*src[j], weight+part
			}
		}
		dst = append(dst, sum/weight) // 0/0, a gap, where nothing counted
	}
	return dst
}
