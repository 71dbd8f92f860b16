package stats

import (
	"fmt"
	"strings"
	"time"

	"pkt/field"
	"pkt/flow"
	"pkt/packet"
)

// Schema is the fields that keys may name.
type Schema struct {
	Packet []field.Entry[*packet.Batch]
	Flow   []field.Entry[[]flow.Row]
}

// defaultBits6 is the length of IPv6 prefixes where net() is given only one:
// the size of a site's network.
const defaultBits6 = 64

// periods are the functions that round times down. Their days begin at midnight
// UTC.
var periods = []struct {
	name  string
	width time.Duration
}{
	{"second", time.Second}, {"minute", time.Minute}, {"hour", time.Hour}, {"day", 24 * time.Hour},
}

// ParseBy returns the keys that the texts of --by name, in their order. Errors
// of the text are *SyntaxError.
func ParseBy(schema Schema, texts ...string) ([]Key, error) {
	var keys []Key
	for _, text := range texts {
		items, err := Split(text)
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
					return nil, &SyntaxError{text, it.Off, len(it.Expr), fmt.Sprintf("two keys are called %q: name one with \"as\"", k.Name)}
				}
			}
			if len(keys) == MaxKeys {
				return nil, &SyntaxError{text, it.Off, len(it.Expr), fmt.Sprintf("at most %d keys", MaxKeys)}
			}
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// key returns the key that an item names.
func (s Schema) key(it Item) (Key, error) {
	n, err := it.Parse()
	if err != nil {
		return Key{}, err
	}
	k, err := s.eval(it.Text, n)
	if err != nil {
		return Key{}, err
	}
	k.Name = it.Name()
	return k, nil
}

// eval turns an expression into a key.
func (s Schema) eval(text string, n Node) (Key, error) {
	switch n := n.(type) {
	case *Ref:
		return s.lookup(text, n)
	case *Call:
		return s.call(text, n)
	}
	return Key{}, mistake(text, n, "a number is not a key")
}

func mistake(text string, n Node, msg string) error {
	return &SyntaxError{text, n.Pos(), n.End() - n.Pos(), msg}
}

// lookup finds a field. Packets come first; a flow's fields may be spelled with
// their scope.
func (s Schema) lookup(text string, r *Ref) (Key, error) {
	for _, e := range s.Packet {
		if e.Name == r.Name {
			return PacketKey(e), nil
		}
	}
	name := strings.TrimPrefix(r.Name, "flow.")
	for _, e := range s.Flow {
		if e.Name == name {
			if e.Col == nil {
				return Key{}, mistake(text, r, "a flow has several values of this field")
			}
			return FlowKey(e), nil
		}
	}
	msg := fmt.Sprintf("unknown field %s", r.Name)
	if near := s.nearest(r.Name); near != "" {
		msg += fmt.Sprintf(", did you mean %s?", near)
	}
	return Key{}, mistake(text, r, msg)
}

// call applies a function to its first argument.
func (s Schema) call(text string, c *Call) (Key, error) {
	k, err := s.eval(text, c.Args[0])
	if err != nil {
		return Key{}, err
	}
	for _, p := range periods {
		if p.name != c.Func {
			continue
		}
		if k.Kind != field.Time {
			return Key{}, mistake(text, c.Args[0], c.Func+"() takes a time, such as ts")
		}
		if len(c.Args) > 1 {
			return Key{}, mistake(text, c.Args[1], c.Func+"() takes one argument")
		}
		return Bucket(k, uint64(p.width)), nil
	}
	switch c.Func {
	case "bucket":
		return bucketOf(text, c, k)
	case "net":
		return netOf(text, c, k)
	}
	return Key{}, &SyntaxError{text, c.Off, len(c.Func),
		"unknown function: there are bucket, net, second, minute, hour and day"}
}

// bucketOf is bucket(FIELD, WIDTH).
func bucketOf(text string, c *Call, k Key) (Key, error) {
	if k.Kind != field.Uint && k.Kind != field.Int {
		return Key{}, mistake(text, c.Args[0], "bucket() takes a whole number, such as len")
	}
	width, err := numbers(text, c, 1, 1, 1<<62)
	if err != nil {
		return Key{}, err
	}
	if width[0] == 0 {
		return Key{}, mistake(text, c.Args[1], "a bucket is at least 1 wide")
	}
	return Bucket(k, width[0]), nil
}

// netOf is net(FIELD, BITS) or net(FIELD, BITS, BITS6).
func netOf(text string, c *Call, k Key) (Key, error) {
	if k.Kind != field.Addr {
		return Key{}, mistake(text, c.Args[0], "net() takes an address, such as src_ip")
	}
	lens, err := numbers(text, c, 1, 2, 128)
	if err != nil {
		return Key{}, err
	}
	if lens[0] > 32 {
		return Key{}, mistake(text, c.Args[1], "an IPv4 prefix has at most 32 bits")
	}
	if len(lens) == 1 {
		lens = append(lens, defaultBits6)
	}
	return Net(k, uint8(lens[0]), uint8(lens[1])), nil
}

// numbers returns the arguments behind the first, between least and most
// numbers none of which is above limit.
func numbers(text string, c *Call, least, most int, limit uint64) ([]uint64, error) {
	args := c.Args[1:]
	if len(args) < least {
		return nil, &SyntaxError{text, c.Close - 1, 1, c.Func + "() lacks an argument: a number"}
	}
	if len(args) > most {
		return nil, mistake(text, args[most], c.Func+"() takes no further argument")
	}
	var out []uint64
	for _, a := range args {
		n, ok := a.(*Number)
		if !ok {
			return nil, mistake(text, a, "a number belongs here")
		}
		if n.Value > limit {
			return nil, mistake(text, a, fmt.Sprintf("at most %d", limit))
		}
		out = append(out, n.Value)
	}
	return out, nil
}

// nearest returns the field whose name differs least from a misspelt one, if
// any is close: Wireshark's spellings and slips of the hand.
func (s Schema) nearest(name string) string {
	best, least := "", 3
	try := func(candidate string) {
		if d := distance(name, candidate, least); d < least {
			best, least = candidate, d
		}
	}
	for _, e := range s.Packet {
		try(e.Name)
	}
	for _, e := range s.Flow {
		try(e.Name)
	}
	return best
}

// distance is the number of single-byte edits between two names, or limit if it
// is not below that.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return min(row[len(b)], limit)
}
