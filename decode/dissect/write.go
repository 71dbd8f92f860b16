package dissect

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// indent stands in front of a layer.
const indent = "    "

// writer appends layers.
type writer struct {
	dst   []byte
	every bool // a line for each field
	first bool // nothing of the layer was written yet
}

// layer appends one layer.
func (w *writer) layer(l gopacket.Layer) {
	w.dst = append(append(w.dst, indent...), l.LayerType().String()...)
	w.first = true
	switch l := l.(type) {
	case *gopacket.DecodeFailure:
		w.dst = append(append(w.dst, "  "...), l.Error().Error()...)
	case *gopacket.Payload:
		w.size(len(*l))
	case *gopacket.Fragment:
		w.size(len(*l))
	default:
		v := reflect.Indirect(reflect.ValueOf(l))
		if v.Kind() == reflect.Struct {
			w.fields(v, "", 0)
		}
	}
	w.dst = append(w.dst, '\n')
}

func (w *writer) size(n int) {
	w.dst = append(strconv.AppendInt(append(w.dst, "  "...), int64(n), 10), " bytes"...)
}

// hidden are the types of fields that the layer around them stands for.
var hidden = map[reflect.Type]bool{
	reflect.TypeFor[layers.BaseLayer]():     true,
	reflect.TypeFor[gopacket.Payload]():     true,
	reflect.TypeFor[gopacket.LayerType]():   true,
	reflect.TypeFor[[]gopacket.LayerType](): true,
	reflect.TypeFor[layers.MPTCPSubtype]():  true, // of every TCP option
}

// fields appends the fields of a structure, under names that begin with prefix.
// In short form, those that are empty are left out.
func (w *writer) fields(v reflect.Value, prefix string, depth int) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || hidden[f.Type] || f.Name == "Contents" || f.Name == "Payload" {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			w.fields(v.Field(i), prefix, depth)
			continue
		}
		w.field(prefix+snake(f.Name), v.Field(i), depth)
	}
}

// field appends one field and, if it has some, those in it.
func (w *writer) field(name string, v reflect.Value, depth int) {
	if depth > maxDepth || empty(v) || !w.every && v.Kind() == reflect.Bool && !v.Bool() {
		return
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		if _, ok := v.Interface().(fmt.Stringer); !ok {
			w.field(name, v.Elem(), depth+1)
			return
		}
	}
	if v.CanUint() && strings.HasSuffix(name, "checksum") {
		w.value(name, fmt.Sprintf("0x%04x", v.Uint()))
		return
	}
	if s, ok := named(v); ok && v.Kind() == reflect.Struct && depth > 0 && !w.every {
		w.value(name, s.String())
		return
	}
	if text, ok := simple(v); ok {
		if text != "" || w.every {
			w.value(name, text)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		w.fields(v, name+".", depth+1)
	case reflect.Slice, reflect.Array:
		for i := range min(v.Len(), maxItems) {
			w.field(name+"["+strconv.Itoa(i)+"]", v.Index(i), depth+1)
		}
		if v.Len() > maxItems {
			w.value(name, "and "+strconv.Itoa(v.Len()-maxItems)+" more")
		}
	}
}

// value appends a name and what it stands for.
func (w *writer) value(name, text string) {
	switch {
	case w.every:
		w.dst = append(append(w.dst, '\n'), indent+"  "...)
		w.dst = append(append(append(w.dst, name...), ": "...), text...)
		return
	case w.first:
		w.dst = append(w.dst, "  "...)
	default:
		w.dst = append(w.dst, ", "...)
	}
	w.first = false
	w.dst = append(w.dst, name...)
	if text != "true" {
		w.dst = append(append(w.dst, ' '), text...)
	}
}

// empty reports whether a value says nothing: text and lists that are not
// there. A number of 0 says something.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return v.Len() == 0
	case reflect.Pointer, reflect.Interface:
		return v.IsNil()
	}
	return false
}

// named returns a value as one that has a text of its own.
func named(v reflect.Value) (fmt.Stringer, bool) {
	if !v.CanInterface() {
		return nil, false
	}
	s, ok := v.Interface().(fmt.Stringer)
	return s, ok
}

// simple returns the text of a value that has no parts.
func simple(v reflect.Value) (string, bool) {
	if !v.CanInterface() {
		return "", false
	}
	// The names of ports are those of gopacket's tables, not of pkt's.
	port := strings.HasSuffix(v.Type().Name(), "Port")
	if s, ok := named(v); ok && !port && v.Kind() != reflect.Struct {
		return s.String(), true
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), true
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64), true
	case reflect.String:
		return strconv.Quote(v.String()), true
	case reflect.Slice:
		if v.Type().Elem() == reflect.TypeFor[byte]() {
			return bytes(v.Bytes()), true
		}
	case reflect.Array:
		if v.Type().Elem() == reflect.TypeFor[byte]() {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			return bytes(b), true
		}
	}
	return "", false
}

// bytes returns bytes as text, if they are, or in hex.
func bytes(b []byte) string {
	cut := ""
	if len(b) > maxBytes {
		cut = fmt.Sprintf("… (%d bytes)", len(b))
		b = b[:maxBytes]
	}
	if len(b) > 0 && printable(b) {
		return strconv.Quote(string(b)) + cut
	}
	return "0x" + hex.EncodeToString(b) + cut
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c >= utf8.RuneSelf || c == 0x7f {
			return false
		}
	}
	return true
}

// snake turns a Go name into words: SrcMAC is src_mac.
func snake(name string) string {
	runes := []rune(strings.ReplaceAll(name, "IPv", "Ipv"))
	var out []rune
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			before := runes[i-1]
			after := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(before) || unicode.IsDigit(before) && after || unicode.IsUpper(before) && after {
				out = append(out, '_')
			}
		}
		out = append(out, unicode.ToLower(r))
	}
	return string(out)
}
