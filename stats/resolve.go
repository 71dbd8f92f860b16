package stats

import (
	"errors"
	"net/netip"

	"pkt/field"
	"pkt/filter"
	"pkt/flow"
	"pkt/packet"
)

// Schema is the fields that keys may name.
type Schema struct {
	Packet []field.Entry[*packet.Batch]
	Flow   []field.Entry[[]flow.Row]
	// Local are the networks that local_ip, remote_ip and their ports are seen
	// from, as in Config.
	Local []netip.Prefix
	// Owners are what owners of traffic have. They are keys as they stand, and no
	// part of expressions.
	Owners []OwnerField
}

// OwnerField is a field of the owner that packets count for.
type OwnerField struct {
	field.Field
	Short string // another name, such as user for process.user; empty: none
	Owner Owner
}

// ParseBy returns the keys that the texts of --by name, in their order: lists
// of expressions, each of which may be given a name by "as". An expression over
// fields that packets have is one of packets; if one of its fields belongs to
// flows, all do. Errors of the text are *filter.Error.
func ParseBy(schema Schema, texts ...string) ([]Key, error) {
	var keys []Key
	schema = schema.withKeys()
	for _, text := range texts {
		items, err := filter.Split(text)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			k, err := schema.key(it)
			if err != nil {
				return nil, err
			}
			for _, other := range keys {
				if other.Name == k.Name {
					return nil, it.Errorf("two keys are called %q: name one with \"as\"", k.Name)
				}
			}
			if len(keys) == MaxKeys {
				return nil, it.Errorf("at most %d keys", MaxKeys)
			}
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// packets is what an expression over packets may name.
func (s Schema) packets() filter.Schema[*packet.Batch] {
	out := filter.Schema[*packet.Batch]{Scope: field.Packet, Entries: s.Packet}
	for i := range s.Flow {
		out.Others = append(out.Others, s.Flow[i].Field)
	}
	return out
}

// flows is what an expression over flows may name.
func (s Schema) flows() filter.Schema[[]flow.Row] {
	out := filter.Schema[[]flow.Row]{Scope: field.Flow, Entries: s.Flow, Prefix: "flow."}
	for i := range s.Packet {
		out.Others = append(out.Others, s.Packet[i].Field)
	}
	return out
}

// key returns the key that an item names.
func (s Schema) key(it filter.Item) (Key, error) {
	for _, o := range s.Owners {
		if it.Expr == o.Name || it.Expr == o.Short {
			key := Key{Field: o.Field, Owner: o.Owner}
			if it.Alias != "" {
				key.Name = it.Alias
			}
			return key, nil
		}
	}
	k, err := filter.CompileKey(it, s.packets())
	var e *filter.Error
	switch {
	case err == nil:
		return s.packetKey(k), nil
	case errors.As(err, &e) && e.Scope&field.Flow != 0:
		return s.flowKey(it)
	}
	return Key{}, err
}

// packetKey makes a key of an expression over packets.
func (s Schema) packetKey(k filter.Key[*packet.Batch]) Key {
	var parts []Key
	for _, i := range k.Uses {
		parts = append(parts, PacketKey(s.Packet[i]))
	}
	key := Key{Field: k.Field, Column: k.Col, List: k.ListCol}.madeOf(parts)
	if key.Side == SideBoth && !k.List {
		key.Side = SideNone
	}
	return key
}

// flowKey makes a key of an expression over flows.
func (s Schema) flowKey(it filter.Item) (Key, error) {
	k, err := filter.CompileKey(it, s.flows())
	switch {
	case err != nil:
		return Key{}, bothScopes(err, "a key")
	case k.List:
		return Key{}, it.Errorf("a flow has several values of this")
	}
	var parts []Key
	for _, i := range k.Uses {
		parts = append(parts, FlowKey(s.Flow[i]))
	}
	return Key{Field: k.Field, Flow: k.Col}.madeOf(parts), nil
}

// madeOf returns the key with what follows from the fields that it is made of:
// it names the end that they name together, and is as stable as the least
// stable of them.
func (k Key) madeOf(parts []Key) Key {
	k.Side, k.Stable = sideOf(parts), FromStart
	for _, p := range parts {
		k.Stable = min(k.Stable, p.Stable)
	}
	return k
}
