package output

import (
	"encoding/binary"
	"net/netip"
	"time"

	"pkt/field"
)

// sample is a table whose rows add up: three items, the rest, and the total.
type sample struct {
	record Record
	rows   [][]Value
	kinds  []RowKind
}

func str(s string) Value   { return Value{Has: true, Text: []byte(s)} }
func label(s string) Value { return Value{Text: []byte(s)} }
func num(n uint64) Value   { return Value{Has: true, Cell: field.Cell{Lo: n}} }
func integer(n int64) Value {
	return Value{Has: true, Cell: field.FromInt(n)}
}
func float(v float64) Value { return Value{Has: true, Cell: field.FromFloat(v)} }
func truth(b bool) Value    { return Value{Has: true, Cell: field.FromBool(b)} }
func addr(s string) Value {
	return Value{Has: true, Cell: field.FromAddr(netip.MustParseAddr(s))}
}
func port(proto uint8, n uint16) Value { return Value{Has: true, Cell: field.FromPort(proto, n)} }
func list(n ...uint64) Value {
	v := Value{Has: true}
	for _, x := range n {
		v.List = append(v.List, field.Cell{Lo: x})
	}
	return v
}
func mac(b ...byte) Value {
	return num(binary.BigEndian.Uint64(append([]byte{0, 0}, b...)))
}

var absent Value

// start is 2026-11-23T14:02:11.25Z.
var start = time.Date(2026, 11, 23, 14, 2, 11, 250e6, time.UTC).UnixNano()

// ports is the table of the first example of the command line's design.
func ports() sample {
	return sample{
		record: Record{Type: "top", Other: true, Columns: []Column{
			{Field: field.Field{Name: "port", Kind: field.Port, Doc: "service port"}, Path: "key.port", Key: true},
			{Field: field.Field{Name: "service", Kind: field.String, Doc: "name of the port"}},
			{Field: field.Field{Name: "flows", Kind: field.Uint, Unit: field.Count, Doc: "flows seen"}},
			{Field: field.Field{Name: "packets", Kind: field.Uint, Unit: field.Packets, Doc: "packets of both directions"}, Title: "PKTS"},
			{Field: field.Field{Name: "bytes", Kind: field.Uint, Unit: field.Bytes, Doc: "frame lengths"}},
			{Field: field.Field{Name: "share", Kind: field.Float, Unit: field.Ratio, Doc: "part of all bytes"}, Bar: true},
		}},
		rows: [][]Value{
			{port(6, 443), str("https"), num(210), num(38112), num(36901000), float(36901. / 37400)},
			{port(17, 53), str("domain"), num(1904), num(3808), num(402000), float(402. / 37400)},
			{label("other (14)"), absent, num(22), num(310), num(97000), float(97. / 37400)},
			{label("total"), absent, num(2136), num(42230), num(37400000), label("2m 04s, 0 damaged")},
		},
		kinds: []RowKind{Item, Item, Other, Total},
	}
}

// kinds is a table with every kind of field, with absent values, wide columns,
// and text that must not reach a terminal as it is.
func kinds() sample {
	states := []string{"OTH", "S0", "S1", "SF"}
	layers := []string{"eth", "vlan", "ip", "tcp", "udp"}
	return sample{
		record: Record{Type: "sample", Columns: []Column{
			{Field: field.Field{Name: "flow_id", Kind: field.ID, Doc: "the flow"}, Wide: true},
			{Field: field.Field{Name: "start", Kind: field.Time, Doc: "first packet"}, Priority: 2},
			{Field: field.Field{Name: "duration_s", Kind: field.Duration, Unit: field.Seconds, Doc: "first to last packet"}},
			{Field: field.Field{Name: "src_ip", Kind: field.Addr, Doc: "originator"}, Key: true},
			{Field: field.Field{Name: "src_port", Kind: field.Uint, Doc: "its port"}, Title: "SPORT"},
			{Field: field.Field{Name: "net", Kind: field.Prefix, Bits: 24, Bits6: 64, Doc: "its network"}, Priority: 5},
			{Field: field.Field{Name: "src_mac", Kind: field.MAC, Doc: "its card"}, Wide: true},
			{Field: field.Field{Name: "port", Kind: field.Port, Doc: "service port"}},
			{Field: field.Field{Name: "state", Kind: field.Enum, Names: states, Doc: "Zeek's state"}},
			{Field: field.Field{Name: "host", Kind: field.String, Doc: "name asked for"}, Priority: 1},
			{Field: field.Field{Name: "bytes", Kind: field.Uint, Unit: field.Bytes, Doc: "frame lengths"}},
			{Field: field.Field{Name: "bps", Kind: field.Float, Unit: field.BitPerSec, Doc: "average rate"}, Priority: 4},
			{Field: field.Field{Name: "tcp.rtt_s", Kind: field.Duration, Unit: field.Seconds, Doc: "round trip time"}, Title: "RTT", Priority: 3},
			{Field: field.Field{Name: "guessed", Kind: field.Bool, Doc: "no handshake was seen"}, Wide: true},
			{Field: field.Field{Name: "layers", Kind: field.Enum, Names: layers, List: true, Doc: "headers"}, Wide: true},
			{Field: field.Field{Name: "vlans", Kind: field.Uint, List: true, Doc: "tags"}, Wide: true},
			{Field: field.Field{Name: "tcp.retrans_pct", Kind: field.Float, Unit: field.Percent, Doc: "bytes sent again"}, Wide: true},
			{Field: field.Field{Name: "offset", Kind: field.Int, Doc: "clock offset"}, Wide: true},
		}},
		rows: [][]Value{
			{
				num(0x0123456789abcdef), integer(start), integer(124_000_000_001), addr("192.0.2.10"), num(50312),
				addr("192.0.2.0"), mac(0, 0x1b, 0x21, 0x3c, 0x9d, 0xf8), port(6, 443), num(3), str("www.example.com"),
				num(36901000), float(2380709.677), integer(1_520_000), truth(false), list(0, 2, 3), absent, float(0.25), integer(-3),
			},
			{
				num(2), integer(start + 7_000_001), integer(840), addr("2001:db8:1234:5678:9abc:def0:1234:5678"), num(5353),
				addr("2001:db8:1234:5678::"), absent, port(17, 53), num(1), str("bad\x1b[31m\"na,me\"\n\xff\u202e 東京.jp"),
				num(402), absent, absent, truth(true), list(0, 1, 2, 4), list(100, 4095), absent, integer(0),
			},
			{
				num(3), integer(start + 60_000_000_000), integer(0), absent, absent,
				absent, mac(0xff, 0xff, 0xff, 0xff, 0xff, 0xff), absent, absent, absent,
				num(60), float(0), absent, absent, list(0), absent, absent, absent,
			},
			{
				absent, absent, absent, label("total"), absent, absent, absent, absent, absent, absent,
				num(36901462), absent, absent, absent, absent, absent, absent, absent,
			},
		},
		kinds: []RowKind{Item, Item, Item, Total},
	}
}

// write sends the sample through a Printer.
func (s *sample) write(p *Printer) error {
	w, err := p.Records(s.record)
	if err != nil {
		return err
	}
	for i, row := range s.rows {
		if err := w.Row(s.kinds[i], row); err != nil {
			return err
		}
	}
	return w.Close()
}
