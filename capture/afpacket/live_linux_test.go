package afpacket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/bpf"

	"pkt/internal/pkttest"
	"pkt/packet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should come at once.
const patience = 10 * time.Second

// chunk is how many packets a test sends at once: what waits between the ends of
// a wire has little room when the machine is busy.
const chunk = 200

// wires are two namespaces joined by the interfaces left0 and right0.
type wires struct {
	left, right *pkttest.Netns
}

func newWires(t testing.TB) wires {
	t.Helper()
	w := wires{pkttest.NewNetns(t), pkttest.NewNetns(t)}
	pkttest.Veth(w.left, "left0", "10.9.0.1/24", w.right, "right0", "10.9.0.2/24")
	return w
}

// open opens a capture in a namespace, until the test is over.
func open(t testing.TB, n *pkttest.Netns, opt Options) *Capture {
	t.Helper()
	if opt.Buffer == 0 {
		opt.Buffer = 8 << 20
	}
	var c *Capture
	var err error
	n.Do(func() { c, err = Open(opt) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// got is a packet as it was delivered.
type got struct {
	packet.Record
	iface string
	frame []byte
}

// collect reads until there are n packets, or none come for a while.
func collect(t testing.TB, c *Capture, n int) (all []got) {
	t.Helper()
	var b packet.Batch
	defer b.Reset()
	for quiet := 0; len(all) < n && quiet < 5; {
		err := c.Next(&b)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = appendGot(all, &b)
		if quiet++; b.N > 0 {
			quiet = 0
		}
	}
	return all
}

func appendGot(all []got, b *packet.Batch) []got {
	for i := range b.N {
		r := b.Records[i]
		all = append(all, got{r, b.Ifaces[r.Iface].Name, bytes.Clone(b.Frame(i))})
	}
	return all
}

// numbered returns an Ethernet frame of at least n bytes that holds a number.
func numbered(n, number int, tags ...pkttest.Layer) []byte {
	layers := append([]pkttest.Layer{pkttest.Ethernet{Src: "02:00:00:00:00:01", Dst: "02:00:00:00:00:02"}}, tags...)
	body := binary.BigEndian.AppendUint32(nil, uint32(number))
	layers = append(layers, pkttest.IPv4{Src: "10.9.0.1", Dst: "10.9.0.2"}, pkttest.UDP{SrcPort: 1000, DstPort: 2000},
		pkttest.Payload(body))
	frame := pkttest.Frame(layers...)
	return append(frame, make([]byte, max(n-len(frame), 0))...)
}

// TestEveryPacket captures what is sent at both ends of a wire: every frame
// once, in order, as it was sent, with its direction, tag and length.
func TestEveryPacket(t *testing.T) {
	w := newWires(t)
	left := open(t, w.left, Options{Interfaces: []string{"left0"}, Promiscuous: true})
	right := open(t, w.right, Options{Interfaces: []string{"right0"}, Promiscuous: true})
	before := w.right.Counters("right0")
	var frames [][]byte
	for i := range 2000 {
		switch size := 60 + i%1400; i % 4 {
		case 0:
			frames = append(frames, numbered(size, i, pkttest.VLAN{ID: uint16(i%4000 + 1), PCP: 5}))
		case 1:
			frames = append(frames, numbered(size, i, pkttest.VLAN{ID: 7}, pkttest.VLAN{ID: 8}))
		default:
			frames = append(frames, numbered(size, i))
		}
	}
	start := time.Now().UnixNano()
	s := w.left.NewSender("left0")
	var seen [2][]got
	for part := range slices.Chunk(frames, chunk) {
		if err := s.Send(part...); err != nil {
			t.Fatal(err)
		}
		seen[0] = append(seen[0], collect(t, left, len(part))...)
		seen[1] = append(seen[1], collect(t, right, len(part))...)
	}
	for i, end := range []struct {
		name string
		c    *Capture
		dir  packet.Dir
	}{{"left0", left, packet.DirOut}, {"right0", right, packet.DirIn}} {
		all := seen[i]
		if len(all) != len(frames) {
			t.Fatalf("%s: %d packets of %d", end.name, len(all), len(frames))
		}
		last := start - int64(time.Second)
		for i, g := range all {
			if !bytes.Equal(g.frame, frames[i]) || g.CapLen != g.WireLen || int(g.WireLen) != len(frames[i]) {
				t.Fatalf("%s: frame %d is\n%x, sent was\n%x", end.name, i, g.frame, frames[i])
			}
			if g.Dir != end.dir || g.iface != end.name || g.Link != linkEthernet {
				t.Fatalf("%s: frame %d went %d on %s, link type %d", end.name, i, g.Dir, g.iface, g.Link)
			}
			if g.Nanos < last-int64(time.Millisecond) || g.Nanos > time.Now().UnixNano() {
				t.Fatalf("%s: frame %d came at %d, the one before at %d", end.name, i, g.Nanos, last)
			}
			last = g.Nanos
		}
		if s := end.c.Stats(); s.KernelDrops.Load() != 0 || s.Packets.Load() != uint64(len(frames)) {
			t.Errorf("%s: %d packets, %d dropped", end.name, s.Packets.Load(), s.KernelDrops.Load())
		}
	}
	after := w.right.Counters("right0")
	if n := after.RxPackets - before.RxPackets; n != uint64(len(frames)) {
		t.Errorf("the interface has counted %d packets", n)
	}
}

// TestDrops holds all batches, so that the kernel has no room: what is lost is
// counted, to the last packet.
func TestDrops(t *testing.T) {
	w := newWires(t)
	c := open(t, w.right, Options{Interfaces: []string{"right0"}, Promiscuous: true, Buffer: 4 * minBlock})
	s := w.left.NewSender("left0")
	var held []*packet.Batch
	var notes uint64
	take := func() (n int) {
		b := new(packet.Batch)
		if err := c.Next(b); err != nil {
			t.Fatal(err)
		}
		held = append(held, b)
		for _, note := range b.Notes {
			notes += note.Count
		}
		return b.N
	}
	frame := numbered(1000, 1)
	received, lost, want := 0, uint64(0), 0
	for range 20 {
		for range chunk {
			if err := s.Send(frame); err != nil {
				t.Fatal(err)
			}
		}
		want += chunk
		for end := time.Now().Add(patience); received+int(lost) < want && time.Now().Before(end); {
			received += take()
			lost = c.Stats().KernelDrops.Load()
		}
	}
	if lost == 0 || received+int(lost) != want || int(c.Stats().Received.Load()) != want {
		t.Errorf("%d received and %d lost, of %d; the kernel says %d", received, lost, want, c.Stats().Received.Load())
	}
	for _, b := range held {
		b.Reset()
	}
	// With room again, the next packets come, and tell of those that were lost.
	if err := s.Send(frame); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if take() > 0 {
			break
		}
	}
	if notes != lost {
		t.Errorf("notes tell of %d lost packets, want %d", notes, lost)
	}
}

// TestBlocks has packets trickle in: every block goes back to the kernel, and
// batches stay valid for as long as they are held.
func TestBlocks(t *testing.T) {
	w := newWires(t)
	c := open(t, w.right, Options{Interfaces: []string{"right0"}, Promiscuous: true, Buffer: 4 * minBlock})
	s := w.left.NewSender("left0")
	next := make([]packet.Batch, 3)
	for i := range 12 { // three times as many as there are blocks
		if err := s.Send(numbered(60, i)); err != nil {
			t.Fatal(err)
		}
		b := &next[i%len(next)]
		for c.Next(b) == nil && b.N == 0 {
		}
		if b.N != 1 || binary.BigEndian.Uint32(b.Frame(0)[42:]) != uint32(i) {
			t.Fatalf("packet %d: %d packets", i, b.N)
		}
		if old := &next[(i+1)%len(next)]; i >= len(next) && binary.BigEndian.Uint32(old.Frame(0)[42:]) != uint32(i-2) {
			t.Fatalf("packet %d has changed while it was held", i-2)
		}
	}
	c.Close()
	for i := range next {
		if next[i].N != 1 || len(next[i].Frame(0)) != 60 {
			t.Error("a batch is not valid after Close")
		}
		next[i].Reset()
	}
	if n := c.ring.users.Load(); n != 0 {
		t.Errorf("%d users of a ring that is closed", n)
	}
	if err := c.Next(&next[0]); err != io.EOF {
		t.Errorf("after Close: %v", err)
	}
}

// TestStop delivers what the kernel holds before the end.
func TestStop(t *testing.T) {
	w := newWires(t)
	s := w.left.NewSender("left0")
	for range 5 {
		c := open(t, w.right, Options{Interfaces: []string{"right0"}, Promiscuous: true})
		for i := range chunk {
			if err := s.Send(numbered(60, i)); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		c.Stop()
		if all := collect(t, c, 10_000); len(all) != chunk {
			t.Errorf("%d packets of %d", len(all), chunk)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("the end took %v", d)
		}
		if r := c.Stats().Received.Load(); r != chunk {
			t.Errorf("%d were received", r)
		}
		c.Close()
	}
}

// TestClose ends a wait.
func TestClose(t *testing.T) {
	w := newWires(t)
	for _, end := range []func(*Capture){(*Capture).Stop, func(c *Capture) { c.Close() }} {
		c := open(t, w.right, Options{Interfaces: []string{"right0"}})
		ended := make(chan error)
		go func() {
			var b packet.Batch
			var err error
			for err == nil {
				err = c.Next(&b)
			}
			ended <- err
		}()
		time.Sleep(20 * time.Millisecond)
		end(c)
		select {
		case err := <-ended:
			if err != io.EOF {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Fatal("Next still waits")
		}
	}
}

// TestClock goes on without packets.
func TestClock(t *testing.T) {
	w := newWires(t)
	c := open(t, w.right, Options{Interfaces: []string{"right0"}})
	var b packet.Batch
	before := time.Now().UnixNano() - int64(time.Second)
	for range 5 {
		if err := c.Next(&b); err != nil {
			t.Fatal(err)
		}
		if b.Now < before || b.Now > time.Now().UnixNano() {
			t.Errorf("the clock is at %d, was at %d, and it is %d", b.Now, before, time.Now().UnixNano())
		}
		before = b.Now
	}
	if late := time.Now().UnixNano() - b.Now; late > int64(time.Second) {
		t.Errorf("the clock is late by %d ns", late)
	}
}

// TestChanges takes an interface down, up, and away.
func TestChanges(t *testing.T) {
	w := newWires(t)
	var changes []Event
	c := open(t, w.right, Options{Interfaces: []string{"right0"}, Changed: func(ch Change) { changes = append(changes, ch.Event) }})
	s := w.left.NewSender("left0")
	expect := func(n int, what string, events ...Event) {
		t.Helper()
		changes = nil
		if all := collect(t, c, max(n, 1)); len(all) != n {
			t.Errorf("%s: %d packets, want %d", what, len(all), n)
		}
		if len(changes) != len(events) || len(events) > 0 && changes[0] != events[0] {
			t.Errorf("%s: %v, want %v", what, changes, events)
		}
	}
	to := numbered(60, 1)
	copy(to, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	if err := s.Send(to); err != nil {
		t.Fatal(err)
	}
	expect(1, "at first")
	w.right.Run("ip", "link", "set", "right0", "down")
	expect(0, "down", Down)
	w.right.Run("ip", "link", "set", "right0", "up")
	expect(0, "up", Up)
	if err := s.Send(to); err != nil {
		t.Fatal(err)
	}
	expect(1, "up again")
	if err := s.Send(to); err != nil {
		t.Fatal(err)
	}
	w.right.Run("ip", "link", "del", "right0")
	var b packet.Batch
	var err error
	n := 0
	for deadline := time.Now().Add(patience); err == nil && time.Now().Before(deadline); {
		err = c.Next(&b)
		n += b.N
	}
	if !errors.Is(err, ErrGone) || n != 1 {
		t.Errorf("deleted: %d packets, then %v", n, err)
	}
}

// TestSeveral captures from two of three interfaces, of which one vanishes and
// comes back.
func TestSeveral(t *testing.T) {
	w := newWires(t)
	third := pkttest.NewNetns(t)
	pkttest.Veth(w.left, "left1", "10.9.1.1/24", third, "far1", "10.9.1.2/24")
	pkttest.Veth(w.left, "left2", "10.9.2.1/24", third, "far2", "10.9.2.2/24")
	var changes []Change
	c := open(t, w.left, Options{
		Interfaces: []string{"left0", "left1"}, Promiscuous: true, Filter: filtered("udp"),
		Changed: func(ch Change) { changes = append(changes, ch) },
	})
	near, far1, far2 := w.right.NewSender("right0"), third.NewSender("far1"), third.NewSender("far2")
	for i := range 50 {
		if err := errors.Join(near.Send(numbered(60, i)), far1.Send(numbered(60, i)), far2.Send(numbered(60, i))); err != nil {
			t.Fatal(err)
		}
	}
	all := collect(t, c, 101)
	if len(all) != 100 {
		t.Errorf("%d packets, want 100", len(all))
	}
	for i, g := range all {
		if want := []string{"left0", "left1"}[i%2]; g.iface != want {
			t.Fatalf("packet %d is of %s, want %s", i, g.iface, want)
		}
	}
	w.left.Run("ip", "link", "del", "left1")
	collect(t, c, 1)
	pkttest.Veth(w.left, "left1", "10.9.1.1/24", third, "far1", "10.9.1.2/24")
	collect(t, c, 1)
	if len(changes) != 2 || changes[0] != (Change{"left1", Gone}) || changes[1] != (Change{"left1", Back}) {
		t.Errorf("changes: %v", changes)
	}
	if err := errors.Join(near.Send(numbered(60, 1)), third.NewSender("far1").Send(numbered(60, 1))); err != nil {
		t.Fatal(err)
	}
	all = collect(t, c, 3)
	if len(all) != 2 || all[0].iface != "left0" || all[1].iface != "left1" {
		t.Errorf("afterwards: %v", all)
	}
	if n := len(c.Ifaces()); n != 2 {
		t.Errorf("%d interfaces: %v", n, c.Ifaces())
	}
}

// TestAppears sees an interface that was not there when the capture of all began.
func TestAppears(t *testing.T) {
	a, b := pkttest.NewNetns(t), pkttest.NewNetns(t)
	c := open(t, a, Options{Interfaces: []string{Any}})
	pkttest.Veth(a, "new0", "10.9.0.1/24", b, "far0", "10.9.0.2/24")
	if err := b.NewSender("far0").Send(numbered(60, 1)); err != nil {
		t.Fatal(err)
	}
	if all := collect(t, c, 1); len(all) != 1 || all[0].iface != "new0" {
		t.Errorf("packets: %v", all)
	}
}

// TestErrors names what is wrong.
func TestErrors(t *testing.T) {
	w := newWires(t)
	w.left.Run("ip", "link", "set", "left0", "down")
	bad := errors.New("bad filter")
	for _, tt := range []struct {
		opt  Options
		want error
	}{
		{Options{Interfaces: []string{"nosuch"}}, ErrNoInterface},
		{Options{Interfaces: []string{"lo", "a name longer than any"}}, ErrNoInterface},
		{Options{Interfaces: []string{"left0"}}, ErrDown},
		{Options{Interfaces: []string{"lo"}, Filter: func(Interface) ([]bpf.RawInstruction, error) { return nil, bad }}, bad},
	} {
		w.left.Do(func() {
			if c, err := Open(tt.opt); !errors.Is(err, tt.want) {
				t.Errorf("%v: %v, want %v", tt.opt.Interfaces, err, tt.want)
				if err == nil {
					c.Close()
				}
			}
		})
	}
}

// TestAllocations reads many packets: none of them costs memory.
func TestAllocations(t *testing.T) {
	w := newWires(t)
	c := open(t, w.right, Options{Interfaces: []string{"right0"}, Promiscuous: true, Buffer: 64 << 20})
	s := w.left.NewSender("left0")
	frame := numbered(60, 1, pkttest.VLAN{ID: 3})
	const n = 100 * chunk
	var b packet.Batch
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := 0
	for got < n {
		for range chunk {
			if err := s.Send(frame); err != nil {
				t.Fatal(err)
			}
		}
		for end := got + chunk; got < end; got += b.N {
			if err := c.Next(&b); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if allocs := after.Mallocs - before.Mallocs; allocs > n/100 {
		t.Errorf("%d allocations for %d packets", allocs, got)
	}
}

// TestWord compares what the kernel shares with the safe way to read it.
func TestWord(t *testing.T) {
	mem := []byte{0, 0, 0, 0, 1, 2, 3, 4}
	w := wordAt(mem[4:])
	if got, want := w.load(), binary.NativeEndian.Uint32(mem[4:]); got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
	w.store(0x01020304)
	if got := binary.NativeEndian.Uint32(mem[4:]); got != 0x01020304 || mem[3] != 0 {
		t.Errorf("%x", mem)
	}
}

func TestDefaultInterface(t *testing.T) {
	w := newWires(t)
	defaults := func(want string) {
		t.Helper()
		w.left.Do(func() {
			name, err := DefaultInterface()
			if name != want || (err == nil) != (want != "") {
				t.Errorf("%q, %v, want %q", name, err, want)
			}
		})
	}
	defaults("")
	w.left.Run("ip", "route", "add", "default", "via", "10.9.0.2", "metric", "50")
	defaults("left0")
}
