package pcapfilter

import (
	"fmt"

	"pkt/packet"
)

// Cache is one expression for a capture of several link types: it is compiled
// for each of them when its first packet comes. A Cache belongs to one
// goroutine.
type Cache struct {
	expr    string
	opt     Options
	entries []cached
}

// cached is an expression compiled for one link type and byte order.
type cached struct {
	link      uint16
	bigEndian bool
	m         *Matcher
	err       error
}

// NewCache returns a Cache. What the options say of link type and byte order
// does not matter.
func NewCache(expr string, opt Options) *Cache { return &Cache{expr: expr, opt: opt} }

// Matcher returns the matcher for a link type and byte order.
func (c *Cache) Matcher(link uint16, bigEndian bool) (*Matcher, error) {
	for i := range c.entries {
		if e := &c.entries[i]; e.link == link && e.bigEndian == bigEndian {
			return e.m, e.err
		}
	}
	opt := c.opt
	opt.Link, opt.BigEndian = link, bigEndian
	e := cached{link: link, bigEndian: bigEndian}
	p, err := Compile(c.expr, opt)
	if err != nil {
		name, _ := LinkName(link)
		e.err = fmt.Errorf("filter for %s packets: %w", name, err)
	} else {
		e.m = p.Matcher()
	}
	c.entries = append(c.entries, e)
	return e.m, e.err
}

// Filter returns the packets of a set that match, whatever their link types.
// The error says that the expression makes no sense for a link type; the set
// then holds the matches among the packets before. It allocates only when a
// link type comes for the first time.
func (c *Cache) Filter(b *packet.Batch, in packet.Set) (packet.Set, error) {
	if len(b.Ifaces) == 1 && b.N > 0 {
		m, err := c.Matcher(b.Ifaces[0].Link, b.Ifaces[0].BigEndian)
		if err != nil {
			return packet.Set{}, err
		}
		return m.Filter(b, in), nil
	}
	var out packet.Set
	var m *Matcher
	var link uint16
	var iface uint32
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		r := &b.Records[i]
		if m == nil || r.Link != link || r.Iface != iface {
			var err error
			link, iface = r.Link, r.Iface
			m, err = c.Matcher(link, int(iface) < len(b.Ifaces) && b.Ifaces[iface].BigEndian)
			if err != nil {
				return out, err
			}
		}
		if m.run(b.Frame(i), r.WireLen, r.Dir) {
			out.Add(i)
		}
	}
	return out, nil
}
