package process

import (
	"errors"
	"net/netip"
	"sync"

	"pkt/packet"
)

// Options says how to find owners. The zero value takes the best way there is.
type Options struct {
	// Best is the highest rung that may be taken: 0 stands for RungExact. The
	// lower ones serve machines that allow no more, and tests.
	Best Rung
	// Table is where owners are entered; nil stands for a new one.
	Table *Table
	// Own marks owners that descend from this process: see Owner.Own.
	Own bool
}

// Flow is what a Watcher is asked about: two ends and an IP protocol. Flows without
// ports have port 0.
type Flow struct {
	Src, Dst netip.AddrPort
	Proto    uint8
}

// reversed returns the flow seen from its other end.
func (f Flow) reversed() Flow { return Flow{f.Dst, f.Src, f.Proto} }

// Side is what is known of one end of a flow.
type Side struct {
	ID  ID // Nobody: an end on another machine, known by rule, or one that nobody has asked about
	Via Via
	// Local says that the address is one of this network namespace. An owner of an
	// end that is not lives in another namespace, such as a container's.
	Local bool
}

// method is one way to know owners. Watcher calls it, one goroutine at a time.
type method interface {
	// find returns who owns the source's end of a flow, and whether the kernel has
	// a socket for it at all. A socket without an owner has the ID Nobody.
	find(f Flow) (id ID, via Via, found bool)
	// refresh takes in what happened since the last call.
	refresh() error
	Close() error
}

// Stats counts what a Watcher has done.
type Stats struct {
	Asked, Owned uint64 // ends of flows with local addresses, and those of them that have a process
	Errors       uint64 // refreshes that failed
	NATMissed    uint64 // translations that found no room, and times that the kernel lost news of them
}

// Watcher knows who owns the traffic of this machine. All of its methods may be
// called from any goroutine; they wait for each other.
type Watcher struct {
	mu     sync.Mutex
	table  *Table
	rung   Rung
	steps  []Step
	method method
	local  *addresses
	nat    translations
	stats  Stats
	err    error // of the latest refresh
}

// Table returns what owners are called.
func (w *Watcher) Table() *Table { return w.table }

// Rung returns the rung that was taken.
func (w *Watcher) Rung() Rung { return w.rung }

// Steps returns the rungs that were tried, the best first, and why they were not
// taken.
func (w *Watcher) Steps() []Step { return w.steps }

// Stats returns what was done so far.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	stats := w.stats
	stats.NATMissed = w.nat.missed
	return stats
}

// Refresh takes in what happened since the last call: names after exec, addresses of
// interfaces, and, on the lower rungs, the tables of sockets. Call it once a tick,
// before asking.
func (w *Watcher) Refresh() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.local.refresh()
	w.nat.refresh()
	if w.err = w.method.refresh(); w.err != nil {
		w.stats.Errors++
	}
	return w.err
}

// Owners returns what is known of both ends of a flow, the source's first.
func (w *Watcher) Owners(f Flow) [2]Side {
	w.mu.Lock()
	defer w.mu.Unlock()
	return [2]Side{w.side(f), w.side(f.reversed())}
}

// side returns what is known of the source's end.
func (w *Watcher) side(f Flow) Side {
	local := w.local.has(f.Src.Addr())
	id, via, found := w.method.find(f)
	if id == Nobody || via.Guess() {
		if other, ok := w.nat.of(f); ok {
			switch behind, how, socket := w.method.find(other); {
			case behind != Nobody && (id == Nobody || !how.Guess()):
				id, via, found = behind, how+ViaNAT, socket
			case id == Nobody && !w.local.has(other.Src.Addr()):
				local = false // the address is lent to another machine
			}
		}
	}
	if local {
		w.stats.Asked++
		if id.IsProcess() {
			w.stats.Owned++
		}
	}
	switch {
	case id != Nobody:
		w.table.known(id, via)
		return Side{id, via, local}
	case !local:
		return Side{Via: ViaRule}
	case w.kernel(f, found):
		return Side{Kernel, ViaRule, true}
	}
	return Side{Unowned, ViaRule, true}
}

// kernel reports whether traffic without an owner is the kernel's own: what it
// answers and asks without a socket of a process.
func (w *Watcher) kernel(f Flow, socket bool) bool {
	switch f.Proto {
	case 6, 17, 132, 136:
		return socket && w.rung <= RungOpen
	}
	return true // ICMP, IGMP, GRE, ESP: handled by the kernel unless a raw socket has it
}

// Close lets go of everything.
func (w *Watcher) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.method == nil {
		return nil
	}
	err := errors.Join(w.method.Close(), w.nat.close())
	w.method = none{}
	return err
}

// none is the method of a closed watcher.
type none struct{}

func (none) find(Flow) (ID, Via, bool) { return Nobody, ViaNone, false }
func (none) refresh() error            { return nil }
func (none) Close() error              { return nil }

// Credit returns the owner of the packets that one end of a flow sends, which were
// seen going out of this machine or coming in: of what goes out the sender's, of what
// comes in the receiver's. Where the way is not known the sender's end comes first.
func Credit(sender, receiver Side, way packet.Dir) Side {
	switch {
	case way == packet.DirIn && receiver.Local:
		return receiver
	case way != packet.DirIn && sender.Local:
		return sender
	case receiver.Local && way == packet.DirUnknown:
		return receiver
	// A namespace behind the interface has the process: the receiver's where packets go
	// out to it, the sender's where they come in from it.
	case way == packet.DirOut && receiver.ID != Nobody:
		return receiver
	case sender.ID != Nobody:
		return sender
	case receiver.ID != Nobody:
		return receiver
	}
	if sender.Via == ViaNone && receiver.Via == ViaNone {
		return Side{} // nobody has asked
	}
	return Side{Forwarded, ViaRule, false}
}
