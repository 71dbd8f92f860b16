package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// prompt is a line that is being typed.
type prompt struct {
	label string
	text  []rune
	at    int      // of the cursor
	wrong []string // what is wrong with it, below it
}

func newPrompt(label, text string) *prompt {
	r := []rune(text)
	return &prompt{label: label, text: r, at: len(r)}
}

func (p *prompt) String() string { return strings.TrimSpace(string(p.text)) }

// key takes a key. It reports whether the key changed the text.
func (p *prompt) key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left", "ctrl+b":
		p.at = max(p.at-1, 0)
	case "right", "ctrl+f":
		p.at = min(p.at+1, len(p.text))
	case "home", "ctrl+a":
		p.at = 0
	case "end", "ctrl+e":
		p.at = len(p.text)
	case "backspace":
		if p.at > 0 {
			p.remove(p.at-1, p.at)
		}
	case "delete", "ctrl+d":
		p.remove(p.at, min(p.at+1, len(p.text)))
	case "ctrl+u":
		p.remove(0, p.at)
	case "ctrl+k":
		p.remove(p.at, len(p.text))
	case "ctrl+w":
		from := p.at
		for from > 0 && p.text[from-1] == ' ' {
			from--
		}
		for from > 0 && p.text[from-1] != ' ' {
			from--
		}
		p.remove(from, p.at)
	default:
		return p.insert(k.Key().Text)
	}
	return false
}

// insert puts printable text at the cursor.
func (p *prompt) insert(text string) bool {
	var typed []rune
	for _, r := range text {
		if unicode.IsPrint(r) {
			typed = append(typed, r)
		}
	}
	p.text = slices.Insert(p.text, p.at, typed...)
	p.at += len(typed)
	return len(typed) > 0
}

func (p *prompt) remove(from, to int) {
	p.text = slices.Delete(p.text, from, to)
	p.at = from
}

// fail shows what is wrong with the text.
func (p *prompt) fail(err error) { p.wrong = strings.Split(err.Error(), "\n") }
