package process

import "pkt/field"

// KeyField is something of an owner that traffic can be grouped by.
type KeyField struct {
	field.Field
	Short string // another name for it
	// Read returns what an owner has of it: a number, or for a String text that is
	// appended to dst. ok is false if the owner has no such thing.
	Read func(id ID, dst []byte) (lo uint64, text []byte, ok bool)
}

// KeyFields returns what the owners of a table can be grouped by. The first is the
// incarnation of a process itself: its value is the ID.
func KeyFields(t *Table) []KeyField {
	text := func(name, short, doc string, read func(o *Owner) string) KeyField {
		return KeyField{
			Field: field.Field{Name: name, Doc: doc, Kind: field.String, Scope: field.Packet},
			Short: short,
			Read: func(id ID, dst []byte) (uint64, []byte, bool) {
				if id == Nobody {
					return 0, dst, false
				}
				o := t.Owner(id)
				s := read(&o)
				return 0, append(dst, s...), s != ""
			},
		}
	}
	incarnation := func(name string) KeyField {
		return KeyField{
			Field: field.Field{Name: name, Doc: "process that sends or receives, one row an incarnation", Kind: field.Uint, Scope: field.Packet},
			Read:  func(id ID, dst []byte) (uint64, []byte, bool) { return uint64(id), dst, id != Nobody },
		}
	}
	pid := incarnation("process")
	pid.Short = "pid"
	return []KeyField{
		pid,
		incarnation("process.pid"),
		text("process.comm", "comm", "name of the process", func(o *Owner) string { return o.Comm }),
		text("process.exe", "exe", "path of its program", func(o *Owner) string { return o.Exe }),
		text("process.user", "user", "name of its user", func(o *Owner) string { return o.User }),
		text("process.unit", "unit", "systemd's unit that it belongs to", func(o *Owner) string { return o.Unit }),
		text("process.container", "container", "identifier or name of its container", func(o *Owner) string { return o.Container }),
		text("process.runtime", "", "what runs its container", func(o *Owner) string { return o.Kind }),
		text("process.pod", "pod", "uid of its Kubernetes pod", func(o *Owner) string { return o.Pod }),
		text("process.cgroup", "", "path of its control group", func(o *Owner) string { return o.Cgroup }),
	}
}
