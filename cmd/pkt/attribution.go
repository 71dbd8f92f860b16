package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"pkt/field"
	"pkt/filter"
	"pkt/flow"
	"pkt/meter"
	"pkt/output"
	"pkt/packet"
	"pkt/process"
	"pkt/stats"
)

// ownerFlags say whose packets are looked at, and whether owners are looked for.
type ownerFlags struct {
	pids  []uint
	comms []string
	// flows says that the command shows owners of flows, packets that it shows those of
	// packets, own that only packets of what it starts itself count, offered that its
	// user may ask later.
	flows, packets, own, offered bool
}

func (o *ownerFlags) register(fs *pflag.FlagSet, rows string) {
	fs.UintSliceVar(&o.pids, "pid", nil, "only "+rows+" of the processes with these `PIDS`")
	fs.StringSliceVar(&o.comms, "comm", nil, "only "+rows+" of the processes with these `NAMES`")
}

// and adds what --pid and --comm ask for to an expression.
func (o *ownerFlags) and(where string) string {
	var parts, tests []string
	if where != "" {
		parts = append(parts, "("+where+")")
	}
	either := func(name, value string) {
		for _, prefix := range []string{"", "src_", "dst_"} {
			tests = append(tests, prefix+name+" == "+value)
		}
	}
	for _, pid := range o.pids {
		either("process.pid", strconv.FormatUint(uint64(pid), 10))
	}
	if len(tests) > 0 {
		parts = append(parts, "("+strings.Join(tests, " || ")+")")
	}
	tests = nil
	for _, comm := range o.comms {
		either("process.comm", strconv.Quote(comm))
	}
	if len(tests) > 0 {
		parts = append(parts, "("+strings.Join(tests, " || ")+")")
	}
	if len(parts) == 1 && where != "" {
		return where // places in errors are those of the flag
	}
	return strings.Join(parts, " && ")
}

// whole returns the expression over packets with what its short forms ask for.
func (s *sourceFlags) whole() string { return s.owner.and(s.where) }

// attribution is what a session knows of owners: from this machine's kernel when live,
// from the capture itself otherwise.
type attribution struct {
	table   *process.Table
	watcher *process.Watcher // nil: nobody asks
	noted   *process.Noted
	flags   *ownerFlags
	packets bool // owners of packets are needed
	asked   bool // the user wants to see owners
}

func newAttribution() *attribution {
	t := process.NewTable()
	return &attribution{table: t, noted: process.NewNoted(t)}
}

// open begins to find owners if anything asks for them: before capturing, so that the
// first packet has one. real says that what is live comes from this machine.
func (a *attribution) open(s *sourceFlags, real bool) error {
	a.flags = &s.owner
	a.packets = s.owner.packets || s.owner.own || strings.Contains(s.whole(), "process.")
	a.asked = a.packets || s.owner.flows
	if !s.isLive() || !real || !a.asked && !s.owner.offered {
		return nil
	}
	w, err := process.Open(process.Options{Own: s.owner.own, Table: a.table})
	switch {
	case !a.asked && (err != nil || w.Rung() == process.RungNone):
		return nil
	case errors.Is(err, errors.ErrUnsupported):
		return usagef("owners of traffic are found on Linux only")
	case err != nil:
		return err
	case w.Rung() == process.RungNone:
		return permissionError{errors.New("nothing that this machine allows tells who owns traffic"), "see pkt doctor; sudo, or once: " + setcapHint()}
	}
	a.watcher = w
	return nil
}

// tell says what cannot be known on this machine, where that is much.
func (a *attribution) tell(note func(string, ...any)) {
	if a.watcher == nil || !a.asked || a.watcher.Rung() <= process.RungOpen {
		return
	}
	for _, s := range a.watcher.Steps() {
		if s.Rung == a.watcher.Rung() {
			note("owners are known by %s, which does not know: %s; see pkt doctor", a.method(), s.Unknown)
		}
	}
}

// apply puts it into the configuration of a meter.
func (a *attribution) apply(cfg *meter.Config) {
	var asked meter.Asked
	if a.watcher != nil {
		asked = a.watcher
	} else {
		cfg.Noted = a.noted
	}
	cfg.Owners = asked
	if a.packets {
		cfg.PacketOwners = &meter.PacketOwners{Asked: asked, Noted: process.NewNoted(a.table)}
	}
	if a.flags.own {
		cfg.Where = append(cfg.Where, ownPackets{a.table})
	}
}

// close lets go of what finds owners.
func (a *attribution) close() {
	if a.watcher != nil {
		a.watcher.Close()
	}
}

// usual leaves the fields of owners out of records where nobody asks for them and every
// record would have a place for them: JSON only has what there is.
func (a *attribution) usual(names []string, format output.Format) []string {
	if a.watcher != nil || format == output.JSON || format == output.NDJSON {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, "process.") })
}

// noFlow is the owner of packets that belong to no flow.
func (a *attribution) noFlow() process.ID {
	if a.watcher != nil || a.noted.Seen() {
		return process.Kernel
	}
	return process.Nobody
}

// method says in words by what owners are known.
func (a *attribution) method() string {
	switch {
	case a.watcher == nil:
		return "the capture file"
	case a.watcher.Rung() <= process.RungCreators:
		return "eBPF (rung " + a.watcher.Rung().String() + ")" + a.missed()
	}
	return "sock_diag and /proc (rung " + a.watcher.Rung().String() + ")" + a.missed()
}

// missed says in words how much NAT could not be followed.
func (a *attribution) missed() string {
	if n := a.watcher.Stats().NATMissed; n > 0 {
		return fmt.Sprintf(" without %s translations that found no room", output.AppendCount(nil, n))
	}
	return ""
}

// ownPackets is a meter.Filter for the packets of this process's descendants.
type ownPackets struct{ table *process.Table }

// Filter implements meter.Filter.
func (o ownPackets) Filter(b *packet.Batch, in packet.Set) (out packet.Set, err error) {
	for i := in.Next(0); i >= 0; i = in.Next(i + 1) {
		for _, end := range b.EndOwner[i] {
			if id := process.ID(end); id.IsProcess() && o.table.Owner(id).Own {
				out.Add(i)
			}
		}
	}
	return out, nil
}

// packetOwners are the fields process.* of packets; t may be nil.
func packetOwners(t *process.Table) []field.Entry[*packet.Batch] {
	known := func(id uint32, k *process.Known) bool {
		if id == 0 {
			return false
		}
		k.ID = process.ID(id)
		k.Owner, k.Via = t.Owner(k.ID), t.Via(k.ID)
		return true
	}
	entries := process.Fields(field.Packet, func(b *packet.Batch, i int, k *process.Known) bool {
		return b.HasOwner && known(b.Owner[i], k)
	})
	for side, prefix := range []string{"src_", "dst_"} {
		of := process.Fields(field.Packet, func(b *packet.Batch, i int, k *process.Known) bool {
			return b.HasOwner && known(b.EndOwner[i][side], k)
		})
		for _, e := range of[:2] {
			e.Name = prefix + e.Name
			e.Doc += []string{", at the end of the source", ", at the end of the destination"}[side]
			entries = append(entries, e)
		}
	}
	return entries
}

// flowOwners are the fields process.* of flows, of the end on this machine, and who is
// at which end, where both are; t may be nil.
func flowOwners(t *process.Table) []field.Entry[[]flow.Row] {
	known := func(s process.Side, k *process.Known) bool {
		if s.ID == process.Nobody {
			return false
		}
		k.ID, k.Owner, k.Via = s.ID, t.Owner(s.ID), s.Via
		return true
	}
	entries := process.Fields(field.Flow, func(rows []flow.Row, i int, k *process.Known) bool {
		return known(ownerOf(&rows[i]), k)
	})
	for side, prefix := range []string{"src_", "dst_"} {
		of := process.Fields(field.Flow, func(rows []flow.Row, i int, k *process.Known) bool { return known(rows[i].Owner[side], k) })
		for _, e := range of[:2] {
			e.Name = prefix + e.Name
			e.Doc += []string{", at the end of the originator", ", at the end of the responder"}[side]
			entries = append(entries, e)
		}
	}
	return entries
}

// ownerOf returns the owner that a flow has: a process of this network namespace if there
// is one at either end, else one of another namespace; the originator's before the
// responder's.
func ownerOf(r *flow.Row) process.Side {
	for _, local := range []bool{true, false} {
		for _, s := range r.Owner {
			if s.ID.IsProcess() && s.Local == local {
				return s
			}
		}
	}
	return process.Credit(r.Owner[0], r.Owner[1], packet.DirUnknown)
}

// ownerKeys are what traffic can be grouped by that is its owner's.
func ownerKeys(t *process.Table) (keys []stats.OwnerField) {
	for _, k := range process.KeyFields(t) {
		keys = append(keys, stats.OwnerField{Field: k.Field, Short: k.Short, Owner: k.Read})
	}
	return keys
}

// byOwner reports whether --by names a key of owners.
func (t *topFlags) byOwner() bool {
	keys := ownerKeys(nil)
	for _, text := range t.by {
		items, err := filter.Split(text)
		if err != nil {
			continue // it is said later, with its place
		}
		for _, it := range items {
			if slices.ContainsFunc(keys, func(k stats.OwnerField) bool { return it.Expr == k.Name || it.Expr == k.Short }) {
				return true
			}
		}
	}
	return false
}

// owned are the shares of traffic by what owns it.
type owned struct{ processes, kernel, forwarded, unowned, total uint64 }

// share adds up who owns the traffic of a result whose keys hold the owner.
func share(r *stats.Result, key int) (o owned) {
	for i := range r.Items {
		row := &r.Items[i]
		c, _ := row.Cell(key)
		switch id := process.ID(c.Lo); {
		case id.IsProcess():
			o.processes += row.Bytes
		case id == process.Kernel:
			o.kernel += row.Bytes
		case id == process.Forwarded:
			o.forwarded += row.Bytes
		default:
			o.unowned += row.Bytes
		}
	}
	o.total = r.Total.Bytes
	return o
}

// words says in words what part of the traffic has an owner, and by what it is known.
func (o *owned) words(method string) string {
	part := func(n uint64) float64 { return 100 * float64(n) / float64(max(o.total, 1)) }
	text := fmt.Sprintf("owners known for %.2f %% of bytes by %s", part(o.processes+o.kernel+o.forwarded), method)
	for _, w := range []struct {
		n    uint64
		what string
	}{{o.kernel, "kernel"}, {o.forwarded, "forwarded"}, {o.unowned, "unowned"}} {
		if w.n > 0 {
			text += fmt.Sprintf(", %s %.2f %%", w.what, part(w.n))
		}
	}
	return text
}
