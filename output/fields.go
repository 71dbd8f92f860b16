package output

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"pkt/field"
)

// Select returns the positions in the table of the fields that --fields names:
// "a,b" is that list, "+c,-d" adds to the defaults and takes away from them. A
// name with fields below it stands for all of them: tcp for tcp.rtt_s and the
// rest. Fields of other scopes than the command's are refused. Errors are of
// type *FieldError.
func Select(text string, defaults []string, table []field.Field, scope field.Scope) ([]int, error) {
	var picked []int
	relative := true
	for _, it := range items(text) {
		relative = relative && it.sign != 0
	}
	if relative {
		for _, name := range defaults {
			i, err := Find(name, table, scope)
			if err != nil {
				return nil, err
			}
			picked = append(picked, i)
		}
	}
	for _, it := range items(text) {
		found, err := expand(it, text, table, scope)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			at := slices.Index(picked, i)
			switch {
			case it.sign == '-' && at >= 0:
				picked = slices.Delete(picked, at, at+1)
			case it.sign != '-' && at < 0:
				picked = append(picked, i)
			}
		}
	}
	return picked, nil
}

// Find returns the position of a field in the table. Errors are of type
// *FieldError.
func Find(name string, table []field.Field, scope field.Scope) (int, error) {
	found, err := expand(item{name: name}, name, table, scope)
	if err != nil {
		return 0, err
	}
	if table[found[0]].Name != name {
		return 0, unknown(item{name: name}, name, table, scope)
	}
	return found[0], nil
}

// item is one name of a list on the command line.
type item struct {
	name   string
	sign   byte // '+', '-' or 0
	offset int  // of the name in the list
}

// items splits a list at its commas, but for those in brackets: fields can have
// names such as net(src_ip,24). Empty items are skipped.
func items(text string) []item {
	var list []item
	for off := 0; off <= len(text); {
		n := comma(text[off:])
		word := text[off : off+n]
		it := item{offset: off + len(word) - len(strings.TrimLeftFunc(word, unicode.IsSpace))}
		it.name = strings.TrimSpace(word)
		if it.name != "" && (it.name[0] == '+' || it.name[0] == '-') {
			it.sign, it.name = it.name[0], it.name[1:]
			it.offset++
		}
		if it.name != "" {
			list = append(list, it)
		}
		off += n + 1
	}
	return list
}

// comma returns the place of the first comma outside of brackets, or the length
// of the text.
func comma(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth <= 0 {
				return i
			}
		}
	}
	return len(text)
}

// expand returns the fields that a name stands for, at least one.
func expand(it item, text string, table []field.Field, scope field.Scope) ([]int, error) {
	var found []int
	for i := range table {
		f := &table[i]
		if f.Scope&scope == 0 {
			continue
		}
		if f.Name == it.name {
			return []int{i}, nil
		}
		if strings.HasPrefix(f.Name, it.name) && f.Name[len(it.name)] == '.' {
			found = append(found, i)
		}
	}
	if found == nil {
		return nil, unknown(it, text, table, scope)
	}
	return found, nil
}

// SortKey is one field to sort by.
type SortKey struct {
	Field int // position in the table
	Desc  bool
}

// ParseSort returns the keys that --sort names: "-bytes,src_ip" is the most
// bytes first, then addresses in ascending order. Errors are of type
// *FieldError.
func ParseSort(text string, table []field.Field, scope field.Scope) ([]SortKey, error) {
	var keys []SortKey
	for _, it := range items(text) {
		found, err := expand(it, text, table, scope)
		if err != nil {
			return nil, err
		}
		f := &table[found[0]]
		if f.Name != it.name {
			return nil, unknown(it, text, table, scope)
		}
		if f.List {
			reason := fmt.Sprintf("cannot sort by %q: it has several values a row", it.name)
			return nil, &FieldError{Text: text, Offset: it.offset, Name: it.name, reason: reason}
		}
		keys = append(keys, SortKey{Field: found[0], Desc: it.sign == '-'})
	}
	return keys, nil
}
