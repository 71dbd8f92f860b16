package stats

import (
	"pkt/decode"
	"pkt/field"
	"pkt/packet"
)

// checksums verifies checksums and keeps the verdicts by sending host: a card
// that fills them in behind the capture makes those of its own host wrong, and
// of no other.
type checksums struct {
	max     int
	hosts   index // addresses
	sums    []hostSums
	gone    hostSums // of hosts that were forgotten, judged already
	evicted uint64
}

// The protocols with checksums.
const (
	sumIPv4 = iota
	sumTCP
	sumUDP
	sumICMP
	sumSCTP
	numSums
)

var sumNames = [numSums]string{"ipv4", "tcp", "udp", "icmp", "sctp"}

// hostSums are the verdicts on what a host sent, by protocol.
type hostSums [numSums]verdicts

type verdicts struct{ checked, bad, offloaded uint64 }

func newChecksums(maxHosts int) *checksums {
	return &checksums{max: maxHosts, hosts: newIndex(2)}
}

// batch verifies the packets of a set.
func (c *checksums) batch(b *packet.Batch, in packet.Set) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		l := &b.Layers[i]
		if !l.Has.Any(packet.HasIP) {
			continue
		}
		frame := b.Frame(i)
		ip, transport := decode.Checksums(frame, l)
		if ip < decode.SumGood && transport < decode.SumGood {
			continue
		}
		src, _ := addresses(frame, l)
		host := c.host(src)
		host[sumIPv4].add(ip)
		if kind, ok := sumKind(l.Has); ok {
			host[kind].add(transport)
		}
	}
}

// sumKind says whose the transport checksum of a packet is.
func sumKind(h packet.Has) (kind int, ok bool) {
	switch {
	case h.Any(packet.HasTCP):
		return sumTCP, true
	case h.Any(packet.HasUDP):
		return sumUDP, true
	case h.Any(packet.HasICMP):
		return sumICMP, true
	case h.Any(packet.HasSCTP):
		return sumSCTP, true
	}
	return 0, false
}

func (v *verdicts) add(s decode.Sum) {
	switch s {
	case decode.SumGood:
		v.checked++
	case decode.SumBad:
		v.checked++
		v.bad++
	case decode.SumOffload:
		v.checked++
		v.offloaded++
	}
}

// judgeMin is how many wrong checksums are more than an accident.
const judgeMin = 10

// judge returns the verdicts with the bad ones of a host that has many of them,
// at least one in ten, taken for offloaded. Cards do not compute those of ICMP.
func (v verdicts) judge(kind int) verdicts {
	wrong := v.bad + v.offloaded
	switch {
	case kind == sumICMP:
		v.bad, v.offloaded = wrong, 0
	case wrong >= judgeMin && wrong*10 >= v.checked:
		v.bad, v.offloaded = 0, wrong
	}
	return v
}

// host returns the verdicts on a host.
func (c *checksums) host(addr field.Cell) *hostSums {
	key := [2]uint64{addr.Hi, addr.Lo}
	tag := c.hosts.hash(key[:])
	at := c.hosts.find(tag, key[:])
	if at == none {
		if c.hosts.n >= c.max {
			c.forget()
		}
		at = c.hosts.add(tag, key[:])
		c.sums = append(c.sums, hostSums{})
	}
	return &c.sums[at]
}

// forget judges all hosts and begins anew.
func (c *checksums) forget() {
	c.gone = c.judged()
	c.evicted += uint64(c.hosts.n)
	c.hosts.reset()
	c.sums = c.sums[:0]
}

// judged adds up the judgements on all hosts.
func (c *checksums) judged() hostSums {
	all := c.gone
	for i := range c.sums {
		for kind, v := range c.sums[i] {
			v = v.judge(kind)
			all[kind].checked += v.checked
			all[kind].bad += v.bad
			all[kind].offloaded += v.offloaded
		}
	}
	return all
}

// report returns the protocols of which something was checked.
func (c *checksums) report() []Checksum {
	var out []Checksum
	for kind, v := range c.judged() {
		if v.checked > 0 {
			out = append(out, Checksum{sumNames[kind], v.checked, v.bad, v.offloaded})
		}
	}
	return out
}
