package main

import (
	"slices"

	"pkt/field"
	"pkt/flow"
	"pkt/fragment"
	"pkt/packet"
	"pkt/process"
	"pkt/stats"
)

// coverage knows what owns the traffic of a ranking that has keys of owners: from its
// rows where they name processes. Rows of users, units or programs do not tell those
// without any apart, so that what owns the packets is counted beside them then.
type coverage struct {
	ranking *stats.Ranking
	key     int
	own     bool // ranking is one beside that of the rows
}

// newCoverage returns the coverage of a ranking, nil if no key but the first ones is of
// owners.
func newCoverage(r *stats.Ranking, cfg *stats.Config, first int, flows stats.Flows) *coverage {
	keys := cfg.Keys[first:]
	if k := ownerKeyOf(keys); k >= 0 {
		return &coverage{ranking: r, key: first + k}
	}
	if !byOwners(keys) {
		return nil
	}
	return &coverage{key: first, own: true, ranking: stats.NewRanking(stats.Config{
		Keys:   append(slices.Clone(cfg.Keys[:first]), kindOfOwner),
		Within: cfg.Within, NoFlow: cfg.NoFlow, Local: cfg.Local, MaxGroups: cfg.MaxGroups,
	}, flows)}
}

// kindOfOwner is a key that takes all processes for one.
var kindOfOwner = stats.Key{
	Field: field.Field{Name: "kind of owner", Kind: field.Uint, Scope: field.Packet},
	Owner: func(id process.ID, dst []byte) (uint64, []byte, bool) {
		return uint64(min(id, process.Unowned+1)), dst, id != process.Nobody
	},
}

// Batch implements meter.Tap.
func (c *coverage) Batch(b *packet.Batch, in packet.Set, credits []fragment.Credit, refs *flow.Refs) {
	if c != nil && c.own {
		c.ranking.Batch(b, in, credits, refs)
	}
}

// Ended implements meter.Tap.
func (c *coverage) Ended(rows []flow.Row) {
	if c != nil && c.own {
		c.ranking.Ended(rows)
	}
}

// now adds up who owns the traffic counted so far, rows without recent traffic included.
func (c *coverage) now() owned { return share(c.ranking.Snapshot(stats.Rows{Quiet: true}), c.key) }
