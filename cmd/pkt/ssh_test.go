package main

import (
	"bytes"
	"testing"

	"pkt/output"
)

// liveInput is an interface that has nothing to say.
type liveInput struct{ input }

func (liveInput) Live() bool { return true }

// TestNoteSSH says how to leave one's own session out, to who would see it.
func TestNoteSSH(t *testing.T) {
	const session4, session6 = "192.0.2.9 51234 192.0.2.2 22", "fe80::9%eth0 51234 fe80::2%eth0 22"
	for _, tt := range []struct {
		connection string
		width      int
		format     output.Format
		filter     *captureFilter
		where      string
		want       string
	}{
		{session4, 80, output.Table, nil, "", "pkt: this ssh session is shown, too; leave it out with 'not (host 192.0.2.9 and tcp port 51234)'\n"},
		{session6, 80, output.Table, nil, "", "pkt: this ssh session is shown, too; leave it out with 'not (host fe80::9 and tcp port 51234)'\n"},
		{"", 80, output.Table, nil, "", ""},
		{session4, 0, output.Table, nil, "", ""},
		{session4, 80, output.NDJSON, nil, "", ""},
		{session4, 80, output.Table, new(captureFilter), "", ""},
		{session4, 80, output.Table, nil, "len > 100", ""},
	} {
		var said bytes.Buffer
		env := &environment{stderr: &said, outWidth: tt.width, getenv: func(name string) string {
			return map[string]string{"SSH_CONNECTION": tt.connection}[name]
		}}
		s := &session{env: env, flags: &sourceFlags{where: tt.where}, source: liveInput{}, filter: tt.filter}
		if s.noteSSH(tt.format); said.String() != tt.want {
			t.Errorf("%q on %d columns: %q, want %q", tt.connection, tt.width, said.String(), tt.want)
		}
	}
}
