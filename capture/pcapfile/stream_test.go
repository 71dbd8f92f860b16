package pcapfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"pkt/packet"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// cutReader delivers a capture in pieces of at most max bytes.
type cutReader struct {
	rest []byte
	max  int
	rnd  *rand.Rand
}

func (r *cutReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest[:min(len(r.rest), 1+r.rnd.IntN(r.max))])
	r.rest = r.rest[n:]
	return n, nil
}

// openCut returns a reader of a capture that comes in pieces of at most max
// bytes, into blocks of blockSize bytes.
func openCut(b []byte, max, blockSize int, seed uint64) *Reader {
	rd := newReader()
	rd.pool.size = blockSize
	s := &stream{path: "t.pcap", live: true}
	s.src = &cutReader{rest: b, max: max, rnd: rand.New(rand.NewPCG(seed, 0))}
	rd.add(s)
	return rd
}

// samples are captures of every layout, a few packets each.
func samples() map[string][]byte {
	bo := binary.BigEndian
	var modified []byte
	modified = append(modified, header(bo, 0xa1b2cd34, 4, 1000, 1)...)
	for i := range 5 {
		modified = append(modified, record(bo, 1, uint32(i), uint32(i), 9, make([]byte, 8), make([]byte, i))...)
	}
	return map[string][]byte{
		"pcap":        pcapBytes(20),
		"modified":    modified,
		"pcapng":      everyBlock(littleEndian),
		"pcapng (BE)": everyBlock(bigEndian),
	}
}

// However the input is cut into reads and blocks, the packets are the same.
func TestAnyCutGivesTheSamePackets(t *testing.T) {
	for name, data := range samples() {
		want := readAll(t, openBytes(data))
		for seed := range uint64(200) {
			rd := openCut(data, 1+int(seed%97), 16<<(seed%8), seed)
			got := readAll(t, rd)
			if diff := cmp.Diff(want, got, equateGot); diff != "" || len(rd.Damage()) != 0 {
				t.Fatalf("%s, seed %d: damage %v, %s", name, seed, rd.Damage(), diff)
			}
		}
	}
}

func equal(a, b got) bool {
	return a.Record == b.Record && a.Num == b.Num && bytes.Equal(a.Frame, b.Frame) && slices.Equal(a.Notes, b.Notes)
}

var equateGot = cmp.Comparer(equal)

// A file that was cut anywhere gives the packets that are there whole, and
// damage unless it was cut between two records.
func TestAnyTruncationGivesAPrefix(t *testing.T) {
	for name, data := range samples() {
		whole := readAll(t, openBytes(data))
		boundaries := recordEnds(data)
		for cut := 24; cut < len(data); cut++ {
			rd := openBytes(data[:cut])
			part := readAll(t, rd)
			if len(part) > len(whole) || !cmp.Equal(whole[:len(part)], part, equateGot, cmpopts.EquateEmpty()) {
				t.Fatalf("%s cut at %d: no prefix", name, cut)
			}
			d := rd.Damage()
			if boundaries[cut] {
				if len(d) != 0 {
					t.Errorf("%s cut at %d, between two records: %v", name, cut, d)
				}
			} else if len(d) != 1 || d[0].Reason != "truncated" || d[0].Packet != uint64(len(part)+1) {
				t.Errorf("%s cut at %d: %d packets, damage %v", name, cut, len(part), d)
			}
		}
	}
}

// recordEnds returns the offsets at which a file may end.
func recordEnds(data []byte) map[int]bool {
	ends := make(map[int]bool)
	if v, o, ok := findPcap(data); ok {
		for at := pcapHeaderLen; at < len(data); at += v.head + int(o.u32(data[at+8:])) {
			ends[at] = true
		}
		return ends
	}
	o, _ := findPcapng(data)
	for at := 0; at < len(data); at += int(o.u32(data[at+4:])) {
		ends[at] = true
	}
	return ends
}

// A pipe's packets are delivered as soon as they are there.
func TestPipeDoesNotWaitForFullBatches(t *testing.T) {
	data := pcapBytes(3)
	r, w := io.Pipe()
	defer w.Close()
	rd := NewReader(r, "-", Options{})
	go func() {
		w.Write(data[:len(data)-10])
	}()
	var b packet.Batch
	if err := rd.Next(&b); err != nil || b.N != 2 {
		t.Fatalf("%d packets, %v; want the two that are there whole", b.N, err)
	}
	go func() {
		w.Write(data[len(data)-10:])
		w.Close()
	}()
	if err := rd.Next(&b); err != nil || b.N != 1 || b.First != 3 {
		t.Fatalf("%d packets from %d, %v; want the third", b.N, b.First, err)
	}
	if err := rd.Next(&b); err != io.EOF || len(rd.Damage()) != 0 {
		t.Errorf("%v, damage %v", err, rd.Damage())
	}
}

// Batches stay valid while others are filled, and blocks are used again when
// they are let go.
func TestBlocksAreReused(t *testing.T) {
	path := writeFile(t, "a.pcap", pcapBytes(40_000))
	rd, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	batches := make([]packet.Batch, 30)
	seen := make(map[*packet.Block]bool)
	for n, next := uint32(0), 0; ; next = (next + 1) % len(batches) {
		b := &batches[next]
		if err := rd.Next(b); err == io.EOF {
			break
		}
		seen[b.Block] = true
		for i := range b.N {
			if got := binary.LittleEndian.Uint32(b.Frame(i)); got != n {
				t.Fatalf("packet %d holds %d", n, got)
			}
			n++
		}
		// The oldest batch must not have been overwritten.
		old := &batches[(next+1)%len(batches)]
		if old.N > 0 && uint64(binary.LittleEndian.Uint32(old.Frame(0))) != old.First-1 {
			t.Fatalf("the batch from packet %d was overwritten", old.First)
		}
	}
	if len(seen) > 8 {
		t.Errorf("%d blocks for 30 batches of a fifth of a block each", len(seen))
	}
}

// No length makes the reader allocate more than the file holds.
func TestHostileLengthsAllocateLittle(t *testing.T) {
	bo := binary.LittleEndian
	pcap := header(bo, 0xa1b2c3d4, 4, 0xffffffff, 1)
	pcap = append(pcap, record(bo, 0, 0, maxFrame, 0, nil, nil)...)
	long := littleEndian.append32(littleEndian.append32(nil, blockEnhanced), maxBlock)
	for name, data := range map[string][]byte{
		"pcap":   append(pcap, make([]byte, 2<<20)...),
		"pcapng": append(blocks(ngSection(littleEndian), long), make([]byte, 2<<20)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if all := readAll(t, openBytes(data)); len(all) != 0 {
			t.Errorf("%s: %d packets", name, len(all))
		}
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(5*len(data)); got > most {
			t.Errorf("%s: %d bytes allocated for %d", name, got, len(data))
		}
	}
}

// Reading allocates for the file and never for a packet or a block.
func TestNoAllocationPerPacket(t *testing.T) {
	file := func(n int) [][]string {
		pcap := writeFile(t, "a.pcap", pcapBytes(n))
		return [][]string{{pcap}, {writeFile(t, "a.pcapng", pcapngBytes(n))}, {pcap, pcap}}
	}
	few, many := file(10_000), file(200_000)
	for i := range few {
		var b packet.Batch
		walkAll(t, &b, few[i]...)
		base := testing.AllocsPerRun(3, func() { walkAll(t, &b, few[i]...) })
		more := testing.AllocsPerRun(3, func() { walkAll(t, &b, many[i]...) })
		if more > base+2 {
			t.Errorf("%s: %.0f allocations for many packets, %.0f for few", filepath.Ext(few[i][0]), more, base)
		}
	}
}

// The counters may be read while the reader works (go test -race).
func TestStatsFromAnotherGoroutine(t *testing.T) {
	path := writeFile(t, "a.pcap", pcapBytes(50_000))
	rd, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for rd.Stats().Packets.Load() < 50_000 {
			if rd.Stats().Read.Load() > rd.Stats().Size.Load() {
				t.Error("more was read than there is")
				return
			}
		}
	}()
	readAll(t, rd)
	<-done
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if read, size := rd.Stats().Read.Load(), rd.Stats().Size.Load(); read != fi.Size() || size != fi.Size() {
		t.Errorf("%d of %d bytes were read, the file has %d", read, size, fi.Size())
	}
}
