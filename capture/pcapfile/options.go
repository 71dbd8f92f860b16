package pcapfile

import "bytes"

// Options that every block may have, draft-ietf-opsawg-pcapng, section 3.5.
const (
	optEnd     = 0
	optComment = 1
)

const badOptions = "options that run past their block"

// options walks the options of a block: a code and a length of 16 bits each,
// and a value that is padded to a multiple of four. Since the length of every
// block is such a multiple, so is what is left of one behind each option.
type options struct {
	rest   []byte
	order  order
	code   uint16
	value  []byte
	reason string // why the walk ended early; empty if it did not
}

func (big order) options(b []byte) options { return options{rest: b, order: big} }

// next moves on to the next option, and reports whether there is one.
func (o *options) next() bool {
	const head = 4
	if len(o.rest) < head {
		return false
	}
	o.code = o.order.u16(o.rest)
	n := int(o.order.u16(o.rest[2:]))
	if o.code == optEnd {
		return false
	}
	if n > len(o.rest)-head {
		o.reason = badOptions
		return false
	}
	o.value = o.rest[head : head+n]
	o.rest = o.rest[head+padded(n):]
	return true
}

// padded returns n rounded up to a multiple of four.
func padded(n int) int { return (n + 3) &^ 3 }

// text returns a value that should hold text. Some writers end it with a zero
// byte.
func text(b []byte) string { return string(bytes.TrimRight(b, "\x00")) }
