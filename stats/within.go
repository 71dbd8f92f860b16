package stats

import (
	"encoding/binary"

	"pkt/field"
)

// Value is the value of a key.
type Value struct {
	Cell field.Cell // valid only if Has, and not of a String
	Text string     // of a String
	Has  bool
}

// Value returns the value of key k.
func (r *Row) Value(k int) Value {
	c, ok := r.Cell(k)
	if ok && r.result.By[k].Kind == field.String {
		return Value{Text: r.Text(k), Has: true}
	}
	return Value{Cell: c, Has: ok}
}

// AppendKey appends what tells a row apart from the other rows of a ranking.
func (r *Row) AppendKey(dst []byte) []byte {
	for k := range r.result.By {
		v := r.Value(k)
		if !v.Has {
			dst = append(dst, 0)
			continue
		}
		dst = append(dst, 1)
		if v.Text != "" {
			dst = binary.AppendUvarint(dst, uint64(len(v.Text)))
			dst = append(dst, v.Text...)
			continue
		}
		dst = binary.BigEndian.AppendUint64(dst, v.Cell.Hi)
		dst = binary.BigEndian.AppendUint64(dst, v.Cell.Lo)
	}
	return dst
}

// within reports whether a group has the values that results are restricted to.
func (r *Ranking) within(group uint32) bool {
	words := r.groups.key(group)
	for k := range r.cfg.Within {
		want := &r.cfg.Within[k]
		c, ok := r.layout.cell(words, k)
		if ok && r.cfg.Keys[k].Kind == field.String {
			if !want.Has || r.texts.all[c.Lo] != want.Text {
				return false
			}
			continue
		}
		if ok != want.Has || c != want.Cell {
			return false
		}
	}
	return true
}

// totalRow is the row of all packets, or of those of the groups that results are
// restricted to.
func (r *Ranking) totalRow(res *Result) Row {
	if len(r.cfg.Within) == 0 {
		row := r.row(res, r.total, rest)
		row.Kind, row.HasPeers = RowTotal, false
		return row
	}
	sum := Row{Kind: RowTotal, HasActive: !r.over, HasFlows: r.oneGroup, HasDir: r.local.known, result: res}
	for i := 1; i < len(r.groups.hot); i++ {
		group := uint32(i)
		if r.groups.hot[i].packets == 0 || !r.within(group) {
			continue
		}
		row := r.counted(res, r.groups, group)
		if r.groups.hasRecent(group, r.clock.tick) {
			row.Recent = r.recent(r.groups, group, res.at)
		}
		sum.add(&row)
	}
	if sum.Recent == nil {
		sum.Recent = r.recent(r.groups, rest, res.at)
	}
	return sum
}

// add adds what can be added of another row.
func (r *Row) add(o *Row) {
	if r.Groups == 0 {
		r.First, r.Last = o.First, o.Last
	}
	r.Groups += o.Groups
	r.Packets += o.Packets
	r.Bytes += o.Bytes
	r.IntervalPackets += o.IntervalPackets
	r.IntervalBytes += o.IntervalBytes
	r.Flows += o.Flows
	r.ActiveFlows += o.ActiveFlows
	r.Retrans += o.Retrans
	r.First, r.Last = min(r.First, o.First), max(r.Last, o.Last)
	r.TxBytes += o.TxBytes
	r.RxBytes += o.RxBytes
	r.IntervalTxBytes += o.IntervalTxBytes
	r.IntervalRxBytes += o.IntervalRxBytes
	r.Recent = r.Recent.plus(o.Recent)
}
