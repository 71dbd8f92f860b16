package process

import (
	"reflect"
	"testing"

	"pkt/packet"
)

func TestComment(t *testing.T) {
	for _, c := range []struct {
		owner Owner
		via   Via
		want  string
	}{
		{noProcess[Kernel], ViaRule, "process=kernel via=rule"},
		{Owner{PID: 812, Start: 48211, Comm: "nginx", Exe: "/usr/sbin/nginx", UID: 33, HasUID: true, User: "www-data",
			Group: Group{Unit: "nginx.service"}}, ViaIO,
			"process=nginx pid=812 start=48211 uid=33 user=www-data unit=nginx.service exe=/usr/sbin/nginx via=io"},
		{Owner{PID: 1, Comm: `a "b" = c`, HasUID: true, Group: Group{Kind: "docker", Container: "x", Pod: "y"}}, ViaListener,
			`process="a \"b\" = c" pid=1 uid=0 container=x runtime=docker pod=y via=listener`},
	} {
		text := string(AppendComment(nil, &c.owner, c.via))
		if text != c.want {
			t.Errorf("got  %s\nwant %s", text, c.want)
		}
		o, via, ok := ParseComment(text)
		if !ok || via != c.via || !reflect.DeepEqual(o, c.owner) {
			t.Errorf("%s: %+v %s %v", text, o, ViaNames[via], ok)
		}
	}
	for _, text := range []string{"", "process", "process=", "hello", "process=a pid=x", `process="a`, `process="a"b=c`, "process=a pid=99999999999"} {
		if o, _, ok := ParseComment(text); ok {
			t.Errorf("%q is taken for %+v", text, o)
		}
	}
}

func TestNoted(t *testing.T) {
	n := NewNoted(NewTable())
	a := n.Owner([]packet.Note{{Kind: packet.NoteProcess, PID: 7}, {Kind: packet.NoteComment, Text: "process=curl pid=7 start=9"}})
	b := n.Owner([]packet.Note{{Kind: packet.NoteProcess, PID: 7}})
	c := n.Owner([]packet.Note{{Kind: packet.NoteComment, Text: "process=kernel via=rule"}})
	d := n.Owner([]packet.Note{{Kind: packet.NoteComment, Text: "a remark"}})
	if !a.IsProcess() || a != b || c != Kernel || d != Nobody || !n.Seen() {
		t.Errorf("%d %d %d %d", a, b, c, d)
	}
	if o := n.table.Owner(a); o.Comm != "curl" || n.table.Via(a) != ViaFile {
		t.Errorf("%+v", o)
	}
}

func FuzzComment(f *testing.F) {
	f.Add("process=nginx pid=812 user=www-data via=io")
	f.Add(`process="a b" exe="/x y"`)
	f.Fuzz(func(t *testing.T, text string) {
		o, via, ok := ParseComment(text)
		if !ok {
			return
		}
		again, v, ok := ParseComment(string(AppendComment(nil, &o, via)))
		if !ok || v != via || !reflect.DeepEqual(o, again) {
			t.Errorf("%q: %+v, then %+v %v", text, o, again, ok)
		}
	})
}
