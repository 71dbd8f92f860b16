package afpacket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"pkt/filter/pcapfilter"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// TestSnapLen cuts frames, those with a tag that is put back too.
func TestSnapLen(t *testing.T) {
	w := newWires(t)
	c := open(t, w.right, Options{Interfaces: []string{"right0"}, SnapLen: 96, Promiscuous: true})
	frames := [][]byte{numbered(60, 0), numbered(95, 1), numbered(500, 2), numbered(500, 3, pkttest.VLAN{ID: 9})}
	if err := w.left.NewSender("left0").Send(frames...); err != nil {
		t.Fatal(err)
	}
	for i, g := range collect(t, c, len(frames)) {
		if want := frames[i][:min(len(frames[i]), 96)]; !bytes.Equal(g.frame, want) || int(g.WireLen) != len(frames[i]) {
			t.Errorf("frame %d: %d of %d bytes", i, len(g.frame), g.WireLen)
		}
	}
}

// filtered compiles a filter for every interface.
func filtered(expr string) func(Interface) ([]bpf.RawInstruction, error) {
	return func(i Interface) ([]bpf.RawInstruction, error) {
		p, err := pcapfilter.Compile(expr, pcapfilter.Options{Link: i.Link, Live: true})
		if err != nil {
			return nil, err
		}
		return p.Raw(), nil
	}
}

// TestFilterFirst opens captures on a busy wire: not one packet gets past the
// filter.
func TestFilterFirst(t *testing.T) {
	w := newWires(t)
	s := w.left.NewSender("left0")
	done, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				s.Send(numbered(60, i), numbered(60, i, pkttest.VLAN{ID: 5}))
			}
		}
	}()
	for range 10 {
		c := open(t, w.right, Options{Interfaces: []string{"right0"}, Promiscuous: true, Filter: filtered("vlan 5")})
		for _, g := range collect(t, c, 100) {
			if binary.BigEndian.Uint16(g.frame[12:]) != unix.ETH_P_8021Q {
				t.Fatalf("%x got through", g.frame)
			}
		}
		c.Close()
	}
	close(done)
	<-stopped
}

// TestDirection keeps one direction, on the wire and on the loopback interface.
func TestDirection(t *testing.T) {
	w := newWires(t)
	for _, tt := range []struct {
		name string
		opt  Options
		want []packet.Dir // of what left sends, what right sends, and a ping to itself
	}{
		{"in", Options{Interfaces: []string{"left0"}, Dir: packet.DirIn}, []packet.Dir{packet.DirIn}},
		{"out", Options{Interfaces: []string{"left0"}, Dir: packet.DirOut}, []packet.Dir{packet.DirOut}},
		{"both", Options{Interfaces: []string{"left0"}}, []packet.Dir{packet.DirOut, packet.DirIn}},
		{"in of two", Options{Interfaces: []string{"left0", "lo"}, Dir: packet.DirIn}, []packet.Dir{packet.DirIn, packet.DirBoth, packet.DirBoth}},
		{"out of two", Options{Interfaces: []string{"left0", "lo"}, Dir: packet.DirOut}, []packet.Dir{packet.DirOut, packet.DirBoth, packet.DirBoth}},
		{"all", Options{Interfaces: []string{Any}}, []packet.Dir{packet.DirOut, packet.DirIn, packet.DirBoth, packet.DirBoth}},
		{"out of all", Options{Interfaces: []string{Any}, Dir: packet.DirOut}, []packet.Dir{packet.DirOut, packet.DirBoth, packet.DirBoth}},
		{"lo", Options{Interfaces: []string{"lo"}}, []packet.Dir{packet.DirBoth, packet.DirBoth}},
		{"out of lo", Options{Interfaces: []string{"lo"}, Dir: packet.DirOut}, []packet.Dir{packet.DirBoth, packet.DirBoth}},
	} {
		tt.opt.Promiscuous = true
		c := open(t, w.left, tt.opt)
		left, right := w.left.NewSender("left0"), w.right.NewSender("right0")
		if err := errors.Join(left.Send(numbered(60, 1)), right.Send(numbered(60, 2))); err != nil {
			t.Fatal(err)
		}
		w.left.Run("ping", "-c1", "-W1", "127.0.0.1")
		c.Stop()
		var dirs []packet.Dir
		for _, g := range collect(t, c, 100) {
			dirs = append(dirs, g.Dir)
		}
		if !bytes.Equal(asBytes(dirs), asBytes(tt.want)) {
			t.Errorf("%s: %v, want %v", tt.name, dirs, tt.want)
		}
	}
}

func asBytes(dirs []packet.Dir) (b []byte) {
	for _, d := range dirs {
		b = append(b, byte(d))
	}
	return b
}

// TestCooked checks what frames of all interfaces look like, and that filters
// for them run in the kernel.
func TestCooked(t *testing.T) {
	w := newWires(t)
	index := 0
	w.left.Do(func() {
		all, err := Interfaces()
		if err != nil {
			t.Error(err)
		}
		for _, i := range all {
			if i.Name == "left0" {
				index = i.Index
			}
		}
	})
	for _, link := range []uint16{linkSLL2, linkSLL} {
		for _, expr := range []string{"", "udp dst port 2000", "inbound", "ether proto 0x0800"} {
			opt := Options{Interfaces: []string{Any}, Link: link, Dir: packet.DirIn}
			if expr != "" {
				opt.Filter = filtered(expr)
			}
			c := open(t, w.left, opt)
			if !c.InKernel() {
				t.Errorf("%q does not run in the kernel", expr)
			}
			sent := numbered(100, 77)
			if err := w.right.NewSender("right0").Send(sent); err != nil {
				t.Fatal(err)
			}
			all := collect(t, c, 1)
			if len(all) != 1 {
				t.Fatalf("link type %d, %q: %d packets", link, expr, len(all))
			}
			g := all[0]
			want := []byte{8, 0, 0, 0, 0, 0, 0, byte(index), 0, 1, 3, 6, 2, 0, 0, 0, 0, 1, 0, 0}
			if link == linkSLL {
				want = []byte{0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}
			}
			n := len(want)
			for _, at := range map[uint16][]int{linkSLL2: {18, 19}, linkSLL: {12, 13}}[link] {
				g.frame[at] = 0 // behind the address, the header holds what was there before
			}
			if !bytes.Equal(g.frame[:n], want) || !bytes.Equal(g.frame[n:], sent[14:]) {
				t.Errorf("%x\nwant %x and %x", g.frame, want, sent[14:])
			}
			if g.Link != link || g.iface != "left0" || int(g.WireLen) != len(g.frame) || g.Dir != packet.DirIn {
				t.Errorf("link type %d on %s, %d of %d bytes, direction %d", g.Link, g.iface, g.CapLen, g.WireLen, g.Dir)
			}
			c.Close()
		}
	}
	c := open(t, w.left, Options{Interfaces: []string{Any}, Filter: filtered("not port 99")})
	if err := w.right.NewSender("right0").Send(numbered(100, 1, pkttest.VLAN{ID: 33})); err != nil {
		t.Fatal(err)
	}
	all := collect(t, c, 1)
	if len(all) != 1 || !bytes.Equal(all[0].frame[:2], []byte{0x81, 0}) || !bytes.Equal(all[0].frame[20:24], []byte{0, 33, 8, 0}) {
		t.Errorf("with a tag: %x", all)
	}
}

// TestUserSpace leaves a filter that asks for what the kernel cannot tell to the
// caller.
func TestUserSpace(t *testing.T) {
	n := pkttest.NewNetns(t)
	c := open(t, n, Options{Interfaces: []string{Any}, Filter: filtered("link[12] = 2")})
	if c.InKernel() {
		t.Error("the kernel runs it")
	}
	n.Run("ping", "-c1", "-W1", "127.0.0.1")
	if all := collect(t, c, 2); len(all) != 2 {
		t.Errorf("%d packets", len(all))
	}
	long := open(t, n, Options{Interfaces: []string{"lo"}, Filter: func(Interface) ([]bpf.RawInstruction, error) {
		prog := make([]bpf.RawInstruction, 5000)
		for i := range prog {
			prog[i] = ret(1000)
		}
		return prog, nil
	}})
	if long.InKernel() {
		t.Error("the kernel runs a program of 5,000 instructions")
	}
}

// TestRaw captures from an interface without link-layer headers.
func TestRaw(t *testing.T) {
	n := pkttest.NewNetns(t)
	if out, err := n.Command("ip", "tuntap", "add", "tun0", "mode", "tun").CombinedOutput(); err != nil {
		t.Skipf("no tun devices: %s", out)
	}
	n.Run("ip", "addr", "add", "10.8.0.1/24", "dev", "tun0")
	n.Run("ip", "link", "set", "tun0", "up")
	c := open(t, n, Options{Interfaces: []string{"tun0"}})
	if l := c.Ifaces()[0].Link; l != linkRaw {
		t.Errorf("link type %d", l)
	}
}
