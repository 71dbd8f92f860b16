package process

import "pkt/process/trace"

// execsMax is how many programs that were started are remembered.
const execsMax = 1 << 13

// execs remembers which programs processes ran, for those that are gone before
// anybody asks.
type execs struct {
	byKey map[key]trace.Exec
	ring  []key // in the order of their start
	next  int
}

func keyOf(r trace.Record) key { return key{pid: r.TGID, start: r.Start / tick} }

// add remembers what a process runs now.
func (e *execs) add(x trace.Exec) {
	if e.byKey == nil {
		e.byKey = map[key]trace.Exec{}
	}
	k := keyOf(x.Record)
	if _, ok := e.byKey[k]; !ok {
		if len(e.ring) < execsMax {
			e.ring = append(e.ring, k)
		} else {
			delete(e.byKey, e.ring[e.next])
			e.ring[e.next] = k
			e.next = (e.next + 1) % execsMax
		}
	}
	e.byKey[k] = x
}

// of returns what a process ran last.
func (e *execs) of(k key) (trace.Exec, bool) {
	x, ok := e.byKey[k]
	return x, ok
}
