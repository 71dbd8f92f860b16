package flow

// servicePort decides which port of a flow is that of its service, by the first
// rule that tells the sides apart. The endpoints have so many peers.
func (t *Table) servicePort(row *Row, srcPeers, dstPeers uint64) {
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
	if srcPeers != dstPeers {
		pick(dstPeers > srcPeers, PortPeers)
		return
	}
	srcKnown := src < 32768 && t.cfg.Registered(row.Proto, src)
	dstKnown := dst < 32768 && t.cfg.Registered(row.Proto, dst)
	if srcKnown != dstKnown {
		pick(dstKnown, PortRegistered)
		return
	}
	pick(dst <= src, PortLower)
}
