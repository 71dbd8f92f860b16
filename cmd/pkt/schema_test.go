package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRecordsFollowSchema holds the records of all captures against what
// pkt schema says about their types. A member that the schema does not name is
// a mistake here, though JSON Schema would allow it.
func TestRecordsFollowSchema(t *testing.T) {
	schemas := map[string]any{}
	for _, kind := range recordTypes {
		var s any
		if err := json.Unmarshal([]byte(pkt(t, "schema", kind).stdout), &s); err != nil {
			t.Fatal(kind, err)
		}
		schemas[kind] = s
	}
	paths, err := filepath.Glob(pcaps + "*/*.pcap*")
	if err != nil || len(paths) == 0 {
		t.Fatal("no captures", err)
	}
	commands := [][]string{
		{"flows", "-o", "ndjson", "--summary"},
		{"top", "-o", "ndjson", "--limit", "3", "--local", "10.0.0.0/8", "--interval", "1h"},
		{"top", "-o", "ndjson"},
		{"stats", "-o", "ndjson"},
	}
	// One capture of each folder has what the others have.
	paths = slices.CompactFunc(paths, func(a, b string) bool { return filepath.Dir(a) == filepath.Dir(b) })
	for _, path := range paths {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			t.Parallel()
			for _, args := range commands {
				checkRecords(t, schemas, pkt(t, append(args, "-r", path)...).stdout)
			}
		})
	}
}

// checkRecords holds lines of records against the schemas of their types.
func checkRecords(t *testing.T, schemas map[string]any, text string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err, line)
		}
		kind, _ := r["type"].(string)
		schema, ok := schemas[kind].(map[string]any)
		if !ok {
			t.Fatalf("no schema of type %q", kind)
		}
		for _, mistake := range invalid(kind, schema, r) {
			t.Errorf("%s in %s", mistake, line)
		}
	}
}

// invalid returns what is wrong with a value, by the keywords of JSON Schema
// that pkt schema uses. path says where the value is.
func invalid(path string, schema map[string]any, v any) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, path+": "+fmt.Sprintf(format, args...)) }
	if want, ok := schema["const"]; ok && v != want {
		say("%v is not %v", v, want)
	}
	if list, ok := schema["enum"].([]any); ok && !slices.Contains(list, v) {
		say("%v is not one of %v", v, list)
	}
	if want, ok := schema["type"]; ok && !isOf(want, v) {
		say("%v is not a %v", v, want)
		return wrong
	}
	switch v := v.(type) {
	case float64:
		if least, ok := schema["minimum"].(float64); ok && v < least {
			say("%v is less than %v", v, least)
		}
		if most, ok := schema["maximum"].(float64); ok && v > most {
			say("%v is more than %v", v, most)
		}
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); schema["format"] == "date-time" && err != nil {
			say("%v", err)
		}
	case []any:
		items, _ := schema["items"].(map[string]any)
		for i, e := range v {
			wrong = append(wrong, invalid(fmt.Sprintf("%s[%d]", path, i), items, e)...)
		}
	case map[string]any:
		wrong = append(wrong, invalidMembers(path, schema, v)...)
	}
	return wrong
}

// invalidMembers returns what is wrong with the members of an object.
func invalidMembers(path string, schema, v map[string]any) (wrong []string) {
	properties, _ := schema["properties"].(map[string]any)
	for name, member := range v {
		s, ok := properties[name].(map[string]any)
		if !ok {
			wrong = append(wrong, path+"."+name+": not in the schema")
			continue
		}
		wrong = append(wrong, invalid(path+"."+name, s, member)...)
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			wrong = append(wrong, path+"."+name.(string)+": missing")
		}
	}
	return wrong
}

// isOf reports whether a value is of a type, or of one of several.
func isOf(want, v any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(w any) bool { return isOf(w, v) })
	}
	switch v := v.(type) {
	case nil:
		return want == "null"
	case bool:
		return want == "boolean"
	case string:
		return want == "string"
	case float64:
		return want == "number" || want == "integer" && v == float64(int64(v))
	case []any:
		return want == "array"
	}
	return want == "object"
}
