package pcapfile

import (
	"slices"
	"testing"

	"pkt/packet"
)

// fuzzPackets is where a fuzzed capture is left: a few compressed bytes can
// hold packets for hours.
const fuzzPackets = 2000

// readFuzzed reads to the end of any input and checks what holds for all.
func readFuzzed(t *testing.T, rd *Reader, size int) (all []got) {
	t.Helper()
	var b packet.Batch
	for len(all) < fuzzPackets {
		err := rd.Next(&b)
		if err != nil {
			if b.N != 0 || b.Block != nil || len(b.Notes) != 0 {
				t.Fatalf("a batch of %d packets comes with %v", b.N, err)
			}
			return all
		}
		if b.N == 0 {
			t.Fatal("an empty batch without an error")
		}
		if n := len(b.Block.Bytes); rd.streams[0].compression.open == nil && n > max(rd.pool.size, 2*size) {
			t.Fatalf("a block of %d bytes for an input of %d", n, size)
		}
		all = appendBatch(t, all, &b)
	}
	return all
}

// checkCuts reads an input whole and in pieces and wants the same packets.
func checkCuts(t *testing.T, data []byte) {
	t.Helper()
	whole := openCut(data, len(data)+1, 16<<10, 0)
	want := readFuzzed(t, whole, len(data))
	cut := openCut(data, 1+len(data)%97, 16<<(len(data)%10), uint64(len(data)))
	got := readFuzzed(t, cut, len(data))
	if len(want) < fuzzPackets && !slices.EqualFunc(want, got, equal) {
		t.Fatalf("%d packets, %d when cut", len(want), len(got))
	}
	if len(want) < fuzzPackets && !slices.Equal(whole.Damage(), cut.Damage()) {
		t.Fatalf("damage %v, when cut %v", whole.Damage(), cut.Damage())
	}
}

// FuzzReader reads any bytes.
func FuzzReader(f *testing.F) {
	for _, data := range samples() {
		f.Add(data)
		f.Add(data[:len(data)-3])
		for name := range compressors {
			f.Add(compress(f, name, data))
		}
	}
	f.Fuzz(checkCuts)
}

// FuzzPcap reads any records behind a good header.
func FuzzPcap(f *testing.F) {
	for name, data := range samples() {
		if name == "pcap" || name == "modified" {
			f.Add(uint8(0), uint32(65535), data[pcapHeaderLen:])
			f.Add(uint8(5), uint32(0), data[pcapHeaderLen:])
		}
	}
	f.Fuzz(func(t *testing.T, variant uint8, snapLen uint32, records []byte) {
		v := pcapVariants[int(variant>>1)%len(pcapVariants)]
		o := order(variant&1 == 1)
		data := o.append32(nil, v.magic)
		data = o.append16(data, 2)
		data = o.append16(data, uint16(variant>>4))
		data = append(data, make([]byte, 8)...)
		data = o.append32(data, snapLen)
		data = o.append32(data, 1)
		checkCuts(t, append(data, records...))
	})
}

// FuzzPcapngBlocks reads three blocks of any type and body behind a section
// with an interface, so that the fuzzer need not find lengths that agree.
func FuzzPcapngBlocks(f *testing.F) {
	o := littleEndian
	for data := everyBlock(o); len(data) > 0; {
		n := o.u32(data[4:])
		body := data[blockHeaderLen : n-4]
		typ := o.u32(data)
		f.Add(false, typ, body, uint32(blockEnhanced), ngEnhanced(o, 0, 1, []byte("x"))[blockHeaderLen:][:24])
		f.Add(false, uint32(blockInterface), []byte{1, 0, 0, 0, 0, 0, 0, 0}, typ, body)
		data = data[n:]
	}
	f.Fuzz(func(t *testing.T, big bool, type1 uint32, body1 []byte, type2 uint32, body2 []byte) {
		o := order(big)
		checkCuts(t, blocks(
			ngSection(o), ngInterface(o, 1, 64),
			ngBlock(o, type1, body1), ngBlock(o, type2, body2),
			ngEnhanced(o, 0, 1, []byte("last")),
		))
	})
}
