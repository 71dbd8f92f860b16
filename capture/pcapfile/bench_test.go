package pcapfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"pkt/packet"
)

// benchPackets is how many packets the captures of the benchmarks hold.
const benchPackets = 1 << 20

// pcapBytes returns a little-endian pcap file of n frames of 60 to 120 bytes,
// a microsecond apart.
func pcapBytes(n int) []byte {
	var out bytes.Buffer
	out.Write(pcapHeader(0xa1b2c3d4, 65535, 1))
	frame := make([]byte, 120)
	head := make([]byte, pcapRecordLen)
	for i := range n {
		size := 60 + i*37%61
		binary.LittleEndian.PutUint32(head[0:], uint32(i/1e6))
		binary.LittleEndian.PutUint32(head[4:], uint32(i%1e6))
		binary.LittleEndian.PutUint32(head[8:], uint32(size))
		binary.LittleEndian.PutUint32(head[12:], uint32(size))
		binary.LittleEndian.PutUint32(frame, uint32(i))
		out.Write(head)
		out.Write(frame[:size])
	}
	return out.Bytes()
}

// pcapHeader returns a little-endian pcap file header.
func pcapHeader(magic, snapLen, link uint32) []byte {
	h := binary.LittleEndian.AppendUint32(nil, magic)
	h = binary.LittleEndian.AppendUint16(h, 2)
	h = binary.LittleEndian.AppendUint16(h, 4)
	h = append(h, make([]byte, 8)...)
	h = binary.LittleEndian.AppendUint32(h, snapLen)
	return binary.LittleEndian.AppendUint32(h, link)
}

// pcapngBytes returns the same packets as pcapBytes as a pcapng file.
func pcapngBytes(n int) []byte {
	out := ngSection(littleEndian)
	out = append(out, ngInterface(littleEndian, 1, 65535)...)
	frame := make([]byte, 120)
	for i := range n {
		binary.LittleEndian.PutUint32(frame, uint32(i))
		out = append(out, ngEnhanced(littleEndian, 0, uint64(i), frame[:60+i*37%61])...)
	}
	return out
}

// walkAll reads captures to their end and returns how many packets they have.
func walkAll(tb testing.TB, b *packet.Batch, paths ...string) (n int) {
	rd, err := Open(paths, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	defer rd.Close()
	for {
		switch err := rd.Next(b); err {
		case nil:
			n += b.N
		case io.EOF:
			return n
		default:
			tb.Fatal(err)
		}
	}
}

// benchmark reads captures again and again.
func benchmark(b *testing.B, paths ...string) {
	b.Helper()
	b.ReportAllocs()
	var batch packet.Batch
	packets := 0
	for b.Loop() {
		packets += walkAll(b, &batch, paths...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
}

func BenchmarkPcap(b *testing.B) {
	benchmark(b, writeFile(b, "a.pcap", pcapBytes(benchPackets)))
}

func BenchmarkPcapng(b *testing.B) {
	benchmark(b, writeFile(b, "a.pcapng", pcapngBytes(benchPackets)))
}

// BenchmarkMerged reads two files whose packets alternate.
func BenchmarkMerged(b *testing.B) {
	data := pcapBytes(benchPackets)
	benchmark(b, writeFile(b, "a.pcap", data), writeFile(b, "b.pcap", data))
}

func BenchmarkGzip(b *testing.B) {
	benchmark(b, writeFile(b, "a.pcap.gz", compress(b, "gzip", pcapBytes(benchPackets))))
}

// BenchmarkBlockSize shows where larger reads stop to pay.
func BenchmarkBlockSize(b *testing.B) {
	path := writeFile(b, "a.pcap", pcapBytes(benchPackets))
	for _, size := range []int{64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dK", size>>10), func(b *testing.B) {
			var batch packet.Batch
			packets := 0
			for b.Loop() {
				rd := newReader()
				rd.pool.size = size
				if err := rd.open(path); err != nil {
					b.Fatal(err)
				}
				for rd.Next(&batch) == nil {
					packets += batch.N
				}
				rd.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/pkt")
		})
	}
}
