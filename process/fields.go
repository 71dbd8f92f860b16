package process

import (
	"strings"

	"pkt/field"
	"pkt/packet"
)

// Known is an owner of a row, and by what it is known.
type Known struct {
	Owner Owner
	ID    ID // Nobody where the owner stands in no table
	Via   Via
}

// Fields returns the fields process.* of rows R, which read tells the owner of, if
// the row has one. read is called once for every field and row.
func Fields[R any](scope field.Scope, read func(rows R, i int, k *Known) bool) []field.Entry[R] {
	m := maker[R]{scope, read}
	isProcess := func(k *Known) bool { return k.Owner.PID != 0 }
	return []field.Entry[R]{
		m.number("process.pid", "identifier of the process", func(k *Known) (uint64, bool) { return uint64(k.Owner.PID), isProcess(k) }),
		m.text("process.comm", "name of the process; kernel, forwarded or unowned for what has none",
			func(o *Owner) string { return o.Comm }),
		m.text("process.exe", "path of its program", func(o *Owner) string { return o.Exe }),
		m.text("process.args", "its command line", func(o *Owner) string { return o.Args }),
		m.number("process.ppid", "identifier of the parent", func(k *Known) (uint64, bool) { return uint64(k.Owner.PPID), k.Owner.PPID != 0 }),
		m.text("process.parents", "names and identifiers of its ancestors, the parent first",
			func(o *Owner) string { return strings.Join(o.Chain, " < ") }),
		m.number("process.uid", "identifier of its user", func(k *Known) (uint64, bool) { return uint64(k.Owner.UID), k.Owner.HasUID }),
		m.text("process.user", "name of its user", func(o *Owner) string { return o.User }),
		m.text("process.unit", "systemd's unit that it belongs to", func(o *Owner) string { return o.Unit }),
		m.text("process.cgroup", "path of its control group", func(o *Owner) string { return o.Cgroup }),
		m.text("process.container", "identifier or name of its container", func(o *Owner) string { return o.Container }),
		m.text("process.runtime", "what runs the container: docker, podman, containerd, crio, lxc, nspawn",
			func(o *Owner) string { return o.Kind }),
		m.text("process.pod", "uid of its Kubernetes pod", func(o *Owner) string { return o.Pod }),
		m.number("process.netns", "inode of its network namespace", func(k *Known) (uint64, bool) { return k.Owner.NetNS, k.Owner.NetNS != 0 }),
		m.entry("process.via", "by what the owner is known; port and user are guesses, nat says that the socket has another address or port", field.Enum, func(k *Known, _ *field.Vector, _ int) (field.Cell, bool) {
			return field.Cell{Lo: uint64(k.Via)}, k.Via != ViaNone
		}),
	}
}

// maker makes fields.
type maker[R any] struct {
	scope field.Scope
	read  func(rows R, i int, k *Known) bool
}

// entry returns a field whose cells set makes.
func (m maker[R]) entry(name, doc string, kind field.Kind, set func(k *Known, dst *field.Vector, i int) (field.Cell, bool)) field.Entry[R] {
	f := field.Field{Name: name, Doc: doc, Kind: kind, Scope: m.scope}
	if kind == field.Enum {
		f.Names = ViaNames
	}
	return field.Entry[R]{Field: f, Col: func(rows R, in packet.Set, dst *field.Vector) (has packet.Set) {
		dst.Text = dst.Text[:0]
		var k Known
		for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
			if !m.read(rows, i, &k) {
				continue
			}
			if c, ok := set(&k, dst, i); ok {
				dst.Cells[i] = c
				has.Add(i)
			}
		}
		return has
	}}
}

func (m maker[R]) number(name, doc string, read func(k *Known) (uint64, bool)) field.Entry[R] {
	return m.entry(name, doc, field.Uint, func(k *Known, _ *field.Vector, _ int) (field.Cell, bool) {
		v, ok := read(k)
		return field.Cell{Lo: v}, ok
	})
}

func (m maker[R]) text(name, doc string, read func(o *Owner) string) field.Entry[R] {
	return m.entry(name, doc, field.String, func(k *Known, dst *field.Vector, i int) (field.Cell, bool) {
		s := read(&k.Owner)
		dst.SetText(i, s)
		return dst.Cells[i], s != ""
	})
}
