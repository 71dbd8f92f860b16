package flow

// servicePort decides which port of a flow is that of its service.
func (t *Table) servicePort(r *record, addrs [4]uint64, row *Row) {
	if !row.HasPorts {
		return
	}
	src, dst := row.SrcPort, row.DstPort
	pick := func(isDst bool, via PortVia) {
		row.PortVia = via
		row.ServicePort = src
		if isDst {
			row.ServicePort = dst
		}
	}
	if !row.Guessed {
		pick(true, PortHandshake)
		return
	}
	o := r.origin()
	p := t.endpoints.peers(t.endpointHash(r, addrs, o))
	q := t.endpoints.peers(t.endpointHash(r, addrs, o^1))
	if p != q {
		pick(q > p, PortPeers)
		return
	}
	p1 := src < 32768 && t.cfg.Registered(row.Proto, src)
	q1 := dst < 32768 && t.cfg.Registered(row.Proto, dst)
	if p1 != q1 {
		pick(q1, PortRegistered)
		return
	}
	pick(dst <= src, PortLower)
}
