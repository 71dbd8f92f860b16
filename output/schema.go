package output

import (
	"bytes"
	"encoding/json"
	"slices"

	"pkt/field"
)

// Schema returns the JSON Schema (2020-12) of a record's JSON, indented. Times
// are described as the layout writes them.
func Schema(r Record, layout TimeLayout) ([]byte, error) {
	root, err := shape(r)
	if err != nil {
		return nil, err
	}
	s := schema{cols: r.Columns, layout: layout}
	b := []byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","title":`)
	b = AppendJSONString(b, r.Type)
	b = append(b, `,"type":"object","required":["type"`...)
	if r.Other {
		b = append(b, `,"row"`...)
	}
	b = s.required(b, root, true)
	b = append(b, `],"properties":{"type":{"const":`...)
	b = append(AppendJSONString(b, r.Type), '}')
	if r.Other {
		b = append(b, `,"row":{"enum":["item","other"],"description":"other stands for all rows that are not shown"}`...)
	}
	b = s.properties(b, root, true)
	b = append(b, "}}"...)
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// schema describes the members of one record.
type schema struct {
	cols   []Column
	layout TimeLayout
}

// properties appends the members of an object.
func (s *schema) properties(b []byte, m *member, more bool) []byte {
	for _, n := range m.members {
		if more {
			b = append(b, ',')
		}
		more = true
		b = append(AppendJSONString(b, n.name), ':')
		if n.members == nil {
			b = s.value(b, n)
			continue
		}
		b = append(b, `{"type":"object"`...)
		if s.always(n) {
			b = append(s.required(append(b, `,"required":[`...), n, false), ']')
		}
		b = append(b, `,"properties":{`...)
		b = append(s.properties(b, n, false), "}}"...)
	}
	return b
}

// required appends the names of the members that are always there: keys, and
// objects that hold one.
func (s *schema) required(b []byte, m *member, more bool) []byte {
	for _, n := range m.members {
		if !s.always(n) {
			continue
		}
		if more {
			b = append(b, ',')
		}
		more = true
		b = AppendJSONString(b, n.name)
	}
	return b
}

func (s *schema) always(m *member) bool {
	if m.members == nil {
		return s.cols[m.column].Key
	}
	return slices.ContainsFunc(m.members, s.always)
}

// value appends what a column's value looks like.
func (s *schema) value(b []byte, m *member) []byte {
	c := &s.cols[m.column]
	b = append(b, '{')
	switch {
	case m.proto:
		b = append(s.typed(b, c, "string"), `,"description":"IP protocol"}`...)
		return b
	case c.List:
		b = append(s.typed(b, c, "array"), `,"items":{`...)
		b = append(s.scalar(b, c, false), '}')
	default:
		b = s.scalar(b, c, c.Key)
	}
	if doc := describe(&c.Field); doc != "" {
		b = AppendJSONString(append(b, `,"description":`...), doc)
	}
	return append(b, '}')
}

// typed appends the type of a member; that of a key may be null.
func (s *schema) typed(b []byte, c *Column, name string) []byte {
	b = append(b, `"type":`...)
	if c.Key {
		return append(AppendJSONString(append(b, '['), name), `,"null"]`...)
	}
	return AppendJSONString(b, name)
}

// scalar appends the type of one value and what its spelling is known to be.
func (s *schema) scalar(b []byte, c *Column, null bool) []byte {
	one := *c
	one.Key = null
	kind := func(name string) []byte { return s.typed(b, &one, name) }
	switch c.Kind {
	case field.Uint:
		return append(kind("integer"), `,"minimum":0`...)
	case field.Int:
		return kind("integer")
	case field.Float, field.Duration:
		return kind("number")
	case field.Bool:
		return kind("boolean")
	case field.Enum:
		return appendEnum(kind("string"), c.Names, null)
	case field.Addr:
		return append(kind("string"), `,"anyOf":[{"format":"ipv4"},{"format":"ipv6"}]`...)
	case field.MAC:
		return append(kind("string"), `,"pattern":"^([0-9a-f]{2}:){5}[0-9a-f]{2}$"`...)
	case field.ID:
		return append(kind("string"), `,"pattern":"^[0-9a-f]{16}$"`...)
	case field.Port:
		if plainPort(c) {
			return append(kind("integer"), `,"minimum":0,"maximum":65535`...)
		}
		return append(kind("string"), `,"pattern":"^[0-9]+/"`...)
	case field.Time:
		switch s.layout {
		case EpochSeconds:
			return kind("number")
		case EpochMillis, EpochNanos:
			return kind("integer")
		}
		return append(kind("string"), `,"format":"date-time"`...)
	}
	return kind("string")
}

func appendEnum(b []byte, names []string, null bool) []byte {
	b = append(b, `,"enum":[`...)
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendJSONString(b, n)
	}
	if null {
		b = append(b, ",null"...)
	}
	return append(b, ']')
}

// unitWords are the units of record values, as far as they need to be said.
var unitWords = [...]string{
	field.NoUnit: "", field.Bytes: "bytes", field.Packets: "", field.BitPerSec: "bit/s",
	field.PacketsPerSec: "packets/s", field.Seconds: "seconds", field.Ratio: "0 to 1",
	field.Percent: "percent", field.Count: "",
}

// describe returns the doc of a field with the unit of its values in brackets.
func describe(f *field.Field) string {
	unit := unitWords[f.Unit]
	if f.Kind == field.Duration {
		unit = unitWords[field.Seconds]
	}
	if unit == "" || f.Doc == "" {
		return f.Doc + unit
	}
	return f.Doc + " (" + unit + ")"
}
