package process

import (
	"net/netip"
	"testing"

	"pkt/packet"
	"pkt/process/conntrack"
)

// masqueraded is a connection of one port of a client behind NAT.
func masqueraded(port uint16) conntrack.Connection {
	client, server := netip.MustParseAddr("10.8.0.2"), netip.MustParseAddrPort("192.0.2.1:80")
	return conntrack.Connection{
		Original:   conntrack.Tuple{Src: netip.AddrPortFrom(client, port), Dst: server, Proto: 6},
		Reply:      conntrack.Tuple{Src: server, Dst: netip.AddrPortFrom(netip.MustParseAddr("198.51.100.1"), port), Proto: 6},
		Translated: true,
	}
}

// sidesOf returns what a connection is called inside and outside.
func sidesOf(c conntrack.Connection) (inner, outer Flow) {
	return Flow{c.Original.Src, c.Original.Dst, 6}, Flow{c.Reply.Dst, c.Reply.Src, 6}
}

// TestTranslationsAreBounded fills the table: what finds no room is counted, what has
// ended makes room, and is known for some time after.
func TestTranslationsAreBounded(t *testing.T) {
	n := translations{names: map[Flow]*translation{}}
	const more = 100
	for port := range translationsMax + more {
		n.take(masqueraded(uint16(port + 1)))
		n.take(masqueraded(uint16(port + 1))) // told again: once by the list, once by an event
	}
	if n.live != translationsMax || n.missed != 2*more {
		t.Errorf("%d kept, %d missed, want %d and %d", n.live, n.missed, translationsMax, 2*more)
	}
	inner, outer := sidesOf(masqueraded(1))
	for f, want := range map[Flow]Flow{inner: outer, outer: inner} {
		if got, ok := n.other(f); !ok || got != want {
			t.Errorf("%v is called %v %v, want %v", f, got, ok, want)
		}
	}
	for port := range translationsMax {
		c := masqueraded(uint16(port + 1))
		c.Gone = true
		n.take(c)
	}
	if n.live != 0 || len(n.names) != 2*goneMax {
		t.Errorf("%d live, %d names after all have ended, want 0 and %d", n.live, len(n.names), 2*goneMax)
	}
	if _, ok := n.other(inner); ok {
		t.Error("the first one to end is still known")
	}
	last, _ := sidesOf(masqueraded(translationsMax))
	if _, ok := n.other(last); !ok {
		t.Error("the last one to end is not known any more")
	}
	n.take(masqueraded(1))
	if _, ok := n.other(inner); !ok || n.live != 1 {
		t.Error("there is no room for a new one")
	}
}

// TestUntranslatedTakesNoRoom holds that connections without NAT are left alone.
func TestUntranslatedTakesNoRoom(t *testing.T) {
	n := translations{names: map[Flow]*translation{}}
	c := masqueraded(1)
	c.Translated = false
	n.take(c)
	c.Gone = true
	n.take(c)
	if len(n.names) != 0 || n.live != 0 || n.missed != 0 {
		t.Errorf("%+v", n)
	}
}

// inside is a method that knows one process, by the flow of its socket.
type inside struct {
	none
	socket Flow
	id     ID
}

func (m inside) find(f Flow) (ID, Via, bool) {
	if f == m.socket {
		return m.id, ViaIO, true
	}
	return Nobody, ViaNone, false
}

// TestOwnersOfTranslatedFlows asks about flows outside of a router: the process inside
// owns them if it is known, otherwise they are another machine's.
func TestOwnersOfTranslatedFlows(t *testing.T) {
	c := masqueraded(4000)
	within, outer := sidesOf(c)
	w := &Watcher{table: NewTable(), rung: RungExact, nat: translations{names: map[Flow]*translation{}}}
	w.local = &addresses{known: map[netip.Addr]bool{outer.Src.Addr(): true}}
	id := w.table.add(Owner{PID: 812, Start: 1, Comm: "curl"}, "")
	w.method = inside{socket: within, id: id}
	ask := func(f Flow, way packet.Dir) Side {
		sides := w.Owners(f)
		return Credit(sides[0], sides[1], way)
	}
	unowned := Side{Unowned, ViaRule, true}
	if s := ask(outer, packet.DirOut); s != unowned {
		t.Errorf("before it is translated: %+v", s)
	}
	w.nat.take(c)
	want := Side{id, ViaIO + ViaNAT, true}
	for way, f := range map[packet.Dir]Flow{packet.DirOut: outer, packet.DirIn: outer.reversed()} {
		if s := ask(f, way); s != want {
			t.Errorf("outside, %v: %+v, want %+v", way, s, want)
		}
	}
	if s := ask(within, packet.DirIn); s.ID != id || s.Via != ViaIO {
		t.Errorf("inside: %+v", s)
	}
	w.method = none{}
	for way, f := range map[packet.Dir]Flow{packet.DirOut: outer, packet.DirIn: outer.reversed()} {
		if s := ask(f, way); s.ID != Forwarded {
			t.Errorf("of another machine, %v: %+v", way, s)
		}
	}
}
