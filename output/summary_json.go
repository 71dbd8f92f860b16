package output

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"pkt/stats"
)

// AppendSummary appends the JSON record of a summary: its members follow from
// the tags of stats.Summary.
func AppendSummary(dst []byte, s *stats.Summary, layout TimeLayout) []byte {
	dst = append(dst, `{"type":"stats"`...)
	dst, _ = appendMembers(dst, reflect.ValueOf(s).Elem(), layout, true)
	return append(dst, '}')
}

// SummarySchema returns the JSON Schema (2020-12) of what AppendSummary appends,
// indented.
func SummarySchema(layout TimeLayout) ([]byte, error) {
	b := []byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"stats","type":"object",` +
		`"required":["type"`)
	t := reflect.TypeFor[stats.Summary]()
	b, _ = appendRequired(b, t, true)
	b = append(b, `],"properties":{"type":{"const":"stats"}`...)
	b, _ = appendProperties(b, t, layout, true)
	var out bytes.Buffer
	if err := json.Indent(&out, append(b, "}}"...), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// tag returns the name of a field's member and whether it is absent where it is
// zero.
func tag(f *reflect.StructField) (name string, omit bool) {
	name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, option == "omitzero"
}

// appendMembers appends the members of a struct, those of embedded structs
// among them. comma says whether one stands before the first.
func appendMembers(dst []byte, v reflect.Value, layout TimeLayout, comma bool) ([]byte, bool) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			dst, comma = appendMembers(dst, v.Field(i), layout, comma)
			continue
		}
		name, omit := tag(&f)
		if name == "" || omit && v.Field(i).IsZero() {
			continue
		}
		if comma {
			dst = append(dst, ',')
		}
		comma = true
		dst = append(AppendJSONString(dst, name), ':')
		dst = appendReflected(dst, v.Field(i), layout)
	}
	return dst, comma
}

// appendReflected appends one value.
func appendReflected(dst []byte, v reflect.Value, layout TimeLayout) []byte {
	switch x := v.Interface().(type) {
	case stats.Time:
		if layout.number() {
			return AppendTime(dst, int64(x), layout)
		}
		return append(AppendTime(append(dst, '"'), int64(x), layout), '"')
	case stats.Duration:
		return AppendSeconds(dst, int64(x))
	case netip.Addr:
		return AppendJSONString(dst, x.String())
	}
	switch v.Kind() {
	case reflect.Struct:
		dst, _ = appendMembers(append(dst, '{'), v, layout, false)
		return append(dst, '}')
	case reflect.Slice:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendReflected(dst, v.Index(i), layout)
		}
		return append(dst, ']')
	case reflect.String:
		return AppendJSONString(dst, v.String())
	case reflect.Float64:
		return appendFloat(dst, v.Float())
	case reflect.Int:
		return strconv.AppendInt(dst, v.Int(), 10)
	}
	return strconv.AppendUint(dst, v.Uint(), 10)
}

// appendRequired appends the names of the members that are always there.
func appendRequired(dst []byte, t reflect.Type, comma bool) ([]byte, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			dst, comma = appendRequired(dst, f.Type, comma)
			continue
		}
		name, omit := tag(&f)
		if name == "" || omit {
			continue
		}
		if comma {
			dst = append(dst, ',')
		}
		comma = true
		dst = AppendJSONString(dst, name)
	}
	return dst, comma
}

// appendProperties appends what the members of a struct are.
func appendProperties(dst []byte, t reflect.Type, layout TimeLayout, comma bool) ([]byte, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			dst, comma = appendProperties(dst, f.Type, layout, comma)
			continue
		}
		name, _ := tag(&f)
		if name == "" {
			continue
		}
		if comma {
			dst = append(dst, ',')
		}
		comma = true
		dst = append(AppendJSONString(dst, name), ':', '{')
		dst = append(appendType(dst, f.Type, layout), `,"description":`...)
		dst = append(AppendJSONString(dst, f.Tag.Get("doc")), '}')
	}
	return dst, comma
}

// appendType appends the keywords that describe a type.
func appendType(dst []byte, t reflect.Type, layout TimeLayout) []byte {
	switch t {
	case reflect.TypeFor[stats.Time]():
		if layout.number() {
			return append(dst, `"type":"number"`...)
		}
		return append(dst, `"type":"string","format":"date-time"`...)
	case reflect.TypeFor[stats.Duration]():
		return append(dst, `"type":"number"`...)
	case reflect.TypeFor[netip.Addr]():
		return append(dst, `"type":"string"`...)
	}
	switch t.Kind() {
	case reflect.Struct:
		dst, _ = appendRequired(append(dst, `"type":"object","required":[`...), t, false)
		dst, _ = appendProperties(append(dst, `],"properties":{`...), t, layout, false)
		return append(dst, '}')
	case reflect.Slice:
		dst = append(dst, `"type":"array","items":{`...)
		return append(appendType(dst, t.Elem(), layout), '}')
	case reflect.String:
		return append(dst, `"type":"string"`...)
	case reflect.Float64:
		return append(dst, `"type":"number"`...)
	}
	return append(dst, `"type":"integer"`...)
}
