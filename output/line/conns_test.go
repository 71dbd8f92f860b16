package line

import (
	"testing"

	"pkt/field"
)

func address(last byte) field.Cell { return field.FromAddr4([]byte{10, 0, 0, last}) }

// Numbers count from the first segment of a side that is known, as tcpdump
// counts them.
func TestRelative(t *testing.T) {
	c := newConns(16)
	a, b := address(1), address(2)
	// The answer to a SYN begins the connection: its numbers are shown as sent.
	if from := c.meet(b, a, 80, 4000, true, 5000, 1001); from.known || from.own != 5000 || from.peer != 1000 {
		t.Errorf("begin: %+v", from)
	}
	if from := c.meet(a, b, 4000, 80, false, 1001, 5001); !from.known || from.own != 1000 || from.peer != 5000 {
		t.Errorf("of the client: %+v", from)
	}
	if from := c.meet(b, a, 80, 4000, false, 5001, 1001); !from.known || from.own != 5000 || from.peer != 1000 {
		t.Errorf("of the server: %+v", from)
	}
	// A connection that is met midway counts from there.
	if from := c.meet(a, b, 4001, 80, false, 77, 99); from.known || from.own != 77 || from.peer != 98 {
		t.Errorf("midway: %+v", from)
	}
	// The same ports again, with a SYN: another connection.
	if from := c.meet(b, a, 80, 4000, true, 9000, 7001); from.known || from.own != 9000 {
		t.Errorf("port reuse: %+v", from)
	}
	if from := c.meet(a, b, 4000, 80, false, 7001, 9001); !from.known || from.own != 7000 || from.peer != 9000 {
		t.Errorf("after port reuse: %+v", from)
	}
	// Both ends on one address.
	c.meet(a, a, 1, 2, false, 10, 20)
	if from := c.meet(a, a, 2, 1, false, 30, 40); !from.known || from.own != 19 || from.peer != 10 {
		t.Errorf("loopback: %+v", from)
	}
}

// Memory is bounded: those that were not met for long are forgotten, the others
// stay, and it is counted how many went.
func TestForget(t *testing.T) {
	const max = 1000
	c := newConns(max)
	for port := range uint16(3 * max) {
		c.meet(address(1), address(2), port, 80, false, uint32(port), 1)
		c.meet(address(1), address(2), 65000, 443, false, 7, 1) // again and again
	}
	if len(c.young.conns) > max || len(c.old.conns) > max {
		t.Errorf("%d and %d connections are held", len(c.young.conns), len(c.old.conns))
	}
	if c.forgotten == 0 || c.forgotten > 2*max {
		t.Errorf("%d were forgotten", c.forgotten)
	}
	if from := c.meet(address(1), address(2), 65000, 443, false, 9, 1); !from.known || from.own != 7 {
		t.Errorf("one that is met again: %+v", from)
	}
	if from := c.meet(address(1), address(2), 3*max-1, 80, false, 9, 1); !from.known || from.own != 3*max-1 {
		t.Errorf("the latest one: %+v", from)
	}
	if from := c.meet(address(1), address(2), 1, 80, false, 9, 1); from.known {
		t.Errorf("one of the first: %+v", from)
	}
}
