package process

import "sync"

// MaxOwners is how many owners a Table holds at most; what comes later counts as
// Unowned.
const MaxOwners = 1 << 16

// Table holds the owners that were seen, and numbers them. Any goroutine may use it.
type Table struct {
	mu     sync.RWMutex
	owners []Owner
	vias   []Via // by what each was known the last time
	byKey  map[key]ID
	latest map[uint32]ID // newest incarnation of each pid
	full   uint64
}

// key tells incarnations of a process apart, and users of which no process is known.
type key struct {
	pid   uint32
	start uint64
	uid   uint32 // only where pid is 0
	text  string // only of owners that a capture file names: comm and what else it says
}

// NewTable returns a table without processes.
func NewTable() *Table {
	return &Table{owners: noProcess[:len(noProcess):len(noProcess)], vias: make([]Via, firstProcess), byKey: map[key]ID{}, latest: map[uint32]ID{}}
}

// Owner returns what is known of an owner: the zero Owner for an ID that is not in
// the table.
func (t *Table) Owner(id ID) Owner {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if int(id) < len(t.owners) {
		return t.owners[id]
	}
	return Owner{}
}

// Via returns by what an owner was known the last time that somebody asked.
func (t *Table) Via(id ID) Via {
	t.mu.RLock()
	defer t.mu.RUnlock()
	switch {
	case int(id) >= len(t.vias):
		return ViaNone
	case id < firstProcess && id != Nobody:
		return ViaRule
	}
	return t.vias[id]
}

// known notes by what an owner is known.
func (t *Table) known(id ID, via Via) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.vias[id] = via
}

// Len returns how many IDs are in use, those that are no processes included: an ID
// is smaller.
func (t *Table) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.owners)
}

// Full returns how often an owner found no room.
func (t *Table) Full() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.full
}

// find returns the ID of an incarnation. A start of 0 stands for the newest one
// that had started by a time, in hundredths of a second since boot.
func (t *Table) find(pid uint32, start, by uint64) (ID, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if start != 0 {
		id, ok := t.byKey[key{pid: pid, start: start}]
		return id, ok
	}
	id, ok := t.latest[pid]
	return id, ok && t.owners[id].Start <= by
}

// add puts an owner into the table and returns its ID: Unowned if it is full.
func (t *Table) add(o Owner, text string) ID {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := key{pid: o.PID, start: o.Start, text: text}
	if o.PID == 0 {
		k.uid = o.UID
	}
	if id, ok := t.byKey[k]; ok {
		return id
	}
	if len(t.owners) >= MaxOwners {
		t.full++
		return Unowned
	}
	id := ID(len(t.owners))
	t.owners = append(t.owners, o)
	t.vias = append(t.vias, ViaNone)
	t.byKey[k] = id
	if o.PID != 0 {
		t.latest[o.PID] = id
	}
	return id
}

// change lets f change an owner, but for what tells it apart from others.
func (t *Table) change(id ID, f func(o *Owner)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.owners[id])
}
