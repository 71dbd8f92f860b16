package stats

import (
	"errors"
	"fmt"
	"slices"

	"pkt/field"
	"pkt/filter"
	"pkt/flow"
	"pkt/packet"
)

// Aggregate is a column that adds up values of a group's packets, or of its
// flows. Exactly one of Packets and Flows is set.
//
// A flow counts once in each group that its packets are in, with what is known
// of it when the result is made, or when it ended. A record that the active
// timeout closes is a flow of its own.
type Aggregate struct {
	field.Field // of the result
	Packets     *filter.Aggregate[*packet.Batch]
	Flows       *filter.Aggregate[[]flow.Row]
	// ofCredits tells that a fragment.Credit knows all fields of packets in it.
	ofCredits bool
}

// ParseAgg returns the aggregates that the texts of --agg name, in their order.
// taken are names that other columns have. As in ParseBy, an expression is about
// packets unless one of its fields belongs to flows. Errors of the text are
// *filter.Error.
func ParseAgg(schema Schema, taken []string, texts ...string) ([]Aggregate, error) {
	var out []Aggregate
	schema = schema.withKeys()
	taken = slices.Clone(taken)
	for _, text := range texts {
		items, err := filter.Split(text)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			a, err := schema.aggregate(it)
			if err != nil {
				return nil, err
			}
			if slices.Contains(taken, a.Name) {
				return nil, it.Errorf("two columns are called %q: name one with \"as\"", a.Name)
			}
			out, taken = append(out, a), append(taken, a.Name)
		}
	}
	return out, nil
}

// aggregate returns the aggregate that an item names.
func (s Schema) aggregate(it filter.Item) (Aggregate, error) {
	a, err := filter.CompileAggregate(it, s.packets())
	var e *filter.Error
	switch {
	case err == nil:
		out := Aggregate{Field: a.Field, Packets: &a}
		out.Scope = field.Group
		out.ofCredits = !slices.ContainsFunc(a.Uses, func(i int) bool { return !inCredit[s.Packet[i].Name] })
		return out, nil
	case !errors.As(err, &e) || e.Scope&field.Flow == 0:
		return Aggregate{}, err
	}
	f, err := filter.CompileAggregate(it, s.flows())
	if err != nil {
		return Aggregate{}, bothScopes(err, "an aggregate")
	}
	out := Aggregate{Field: f.Field, Flows: &f}
	out.Scope = field.Group
	return out, nil
}

// bothScopes says of a field of packets that stands beside one of flows that
// they do not go together.
func bothScopes(err error, what string) error {
	var e *filter.Error
	if errors.As(err, &e) && e.Scope&field.Packet != 0 {
		e.Msg = fmt.Sprintf("%q is a field of packets and stands with one of flows: %s has fields of one of them", e.Text[e.Off:e.Off+e.Len], what)
	}
	return err
}

// inCredit are the fields of packets that a fragment.Credit tells.
var inCredit = map[string]bool{"len": true, "ts": true}
