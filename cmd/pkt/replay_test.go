package main

import (
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"pkt/capture"
	"pkt/capture/pcapfile"
	"pkt/internal/pkttest"
	"pkt/packet"
)

// replay is a live input whose clock is not that of the wall: it plays so many
// seconds of traffic as fast as it can, and stands still then.
type replay struct {
	stats   capture.Stats
	now     int64
	until   int64
	panicAt int64
	closed  chan struct{}
	once    sync.Once
	ifaces  []packet.Iface
}

var _ input = (*replay)(nil)

// replayBegin is when the traffic begins.
const replayBegin = 1_767_225_600_000_000_000 // 2026-01-01 00:00:00 UTC

// replayStep is how far a batch takes the clock.
const replayStep = 100_000_000

// replaySeconds is how long the traffic lasts.
const replaySeconds = 12

// replayMain is pkt with such an input in the place of interfaces. REPLAY_PANIC
// is the second in which the input panics.
func replayMain() {
	env := system()
	env.live = func() (input, error) {
		r := &replay{
			now: replayBegin, until: replayBegin + replaySeconds*1e9,
			closed: make(chan struct{}),
			ifaces: []packet.Iface{{Name: "eth0", Link: 1}},
		}
		if s, err := strconv.Atoi(os.Getenv("REPLAY_PANIC")); err == nil {
			r.panicAt = replayBegin + int64(s)*1e9
		}
		return r, nil
	}
	os.Exit(run(os.Args[1:], env))
}

// talk is traffic of one connection with the local host, 10.0.0.1.
type talk struct {
	port     uint16 // of the server
	local    uint16
	host     string
	tcp      bool
	out, in  int // bytes of payload a step, 0: none
	from, to int // seconds
}

var talks = []talk{
	{443, 50001, "198.51.100.7", true, 60, 1400, 0, 99},
	{443, 50002, "198.51.100.9", true, 40, 700, 2, 99},
	{22, 50003, "192.0.2.22", true, 500, 120, 0, 99},
	{53, 50004, "192.0.2.53", false, 40, 90, 0, 6},
	{31337, 50005, "203.0.113.5", true, 1300, 40, 4, 99},
	{5432, 50006, "192.0.2.54", true, 90, 300, 0, 99},
}

// frame returns a packet of a connection.
func (k *talk) frame(out bool, size int) []byte {
	ip := pkttest.IPv4{Src: "10.0.0.1", Dst: k.host}
	from, to := k.local, k.port
	if !out {
		ip.Src, ip.Dst = ip.Dst, ip.Src
		from, to = to, from
	}
	if k.tcp {
		return pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.TCP{SrcPort: from, DstPort: to, Flags: pkttest.ACK}, pkttest.Zeros(size))
	}
	return pkttest.Frame(pkttest.Ethernet{}, ip, pkttest.UDP{SrcPort: from, DstPort: to}, pkttest.Zeros(size))
}

// Next implements capture.Source.
func (r *replay) Next(b *packet.Batch) error {
	b.Reset()
	b.Ifaces = r.ifaces
	if r.now >= r.until {
		b.Now = r.now
		select {
		case <-r.closed:
			return io.EOF
		case <-time.After(10 * time.Millisecond):
			return nil
		}
	}
	if r.panicAt != 0 && r.now >= r.panicAt {
		panic("the input breaks")
	}
	var mem []byte
	add := func(frame []byte, dir packet.Dir) {
		b.Records[b.N] = packet.Record{
			Nanos: r.now + int64(b.N)*1000, Off: uint32(len(mem)), CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Link: 1, Dir: dir,
		}
		mem = append(mem, frame...)
		b.N++
	}
	second := int((r.now - replayBegin) / 1e9)
	for i := range talks {
		k := &talks[i]
		if second < k.from || second >= k.to {
			continue
		}
		add(k.frame(true, k.out), packet.DirOut)
		add(k.frame(false, k.in), packet.DirIn)
	}
	b.Block = packet.NewBlock(mem, nil)
	r.stats.Received.Add(uint64(b.N))
	r.stats.Packets.Add(uint64(b.N))
	r.now += replayStep
	b.Now = r.now
	return nil
}

// Close implements capture.Source.
func (r *replay) Close() error {
	r.once.Do(func() { close(r.closed) })
	return nil
}

// Stop ends the traffic.
func (r *replay) Stop() { r.Close() }

func (r *replay) Stats() *capture.Stats    { return &r.stats }
func (r *replay) Ifaces() []packet.Iface   { return r.ifaces }
func (r *replay) Damage() []capture.Damage { return nil }
func (r *replay) Files() []pcapfile.File   { return nil }
func (r *replay) Live() bool               { return true }
