package output

import (
	"fmt"
	"slices"
	"strings"

	"pkt/field"
)

// A member is a JSON object, or a value in one: the shape that records of one
// type have, made from the dotted paths of their columns. Objects are where
// their first member's column is.
type member struct {
	name    string
	members []*member // of an object; nil for a value
	column  int       // of a value: its place in the record
	proto   bool      // the value is the protocol of the Port column
}

// shape returns the members of a record below type and row. A Port becomes two
// members, its number and the protocol beside it, unless a column of its own
// has the protocol's name.
func shape(r Record) (*member, error) {
	root := &member{}
	for i := range r.Columns {
		c := &r.Columns[i]
		path := splitPath(c.path())
		if c.Kind == field.Port {
			if p := protoPath(path); p != nil && !hasPath(r.Columns, p) {
				if err := root.add(p, &member{column: i, proto: true}); err != nil {
					return nil, err
				}
			}
		}
		if err := root.add(path, &member{column: i}); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// add puts leaf at path below m.
func (m *member) add(path []string, leaf *member) error {
	for depth, name := range path {
		last := depth == len(path)-1
		at := slices.IndexFunc(m.members, func(n *member) bool { return n.name == name })
		switch {
		case at < 0 && last:
			leaf.name = name
			m.members = append(m.members, leaf)
		case at < 0:
			m.members = append(m.members, &member{name: name})
			m = m.members[len(m.members)-1]
		case last || m.members[at].members == nil:
			return fmt.Errorf("two columns for %s", strings.Join(path[:depth+1], "."))
		default:
			m = m.members[at]
		}
	}
	return nil
}

// splitPath splits a dotted path. What is no path, such as the expression
// p50(tcp.rtt_s), is one name.
func splitPath(path string) []string {
	for _, c := range path {
		if c != '.' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return []string{path}
		}
	}
	return strings.Split(path, ".")
}

// protoPath returns the path of the protocol that belongs to a port's path:
// key.proto for key.port. It is nil where the name does not end in port.
func protoPath(path []string) []string {
	last := path[len(path)-1]
	if !strings.HasSuffix(last, "port") {
		return nil
	}
	p := slices.Clone(path)
	p[len(p)-1] = strings.TrimSuffix(last, "port") + "proto"
	return p
}

// plainPort reports whether JSON has the Port column as a number, beside its
// protocol, and not as the text 443/tcp.
func plainPort(c *Column) bool { return protoPath(splitPath(c.path())) != nil }

func hasPath(cols []Column, path []string) bool {
	want := strings.Join(path, ".")
	return slices.ContainsFunc(cols, func(c Column) bool { return c.path() == want })
}
