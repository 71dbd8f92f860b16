package main

import (
	"strings"

	"pkt/output"
)

// noteSSH tells who prints packets on a terminal that is reached over ssh that
// every line printed makes more of them, and how to leave them out.
func (s *session) noteSSH(format output.Format) {
	if !s.source.Live() || s.env.outWidth == 0 || !format.Text() || s.filter != nil || s.flags.where != "" {
		return
	}
	// Addresses and ports of the client and of the server: "192.0.2.1 50000 192.0.2.2 22".
	f := strings.Fields(s.env.getenv("SSH_CONNECTION"))
	if len(f) != 4 {
		return
	}
	client, _, _ := strings.Cut(f[0], "%") // the zone is no part of a filter
	s.note("this ssh session is shown, too; leave it out with 'not (host %s and tcp port %s)'", client, f[1])
}
