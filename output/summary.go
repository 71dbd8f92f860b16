package output

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"pkt/stats"
)

// maxProtocols is how many protocols a page lists.
const maxProtocols = 14

// Summary adds the sections that say what a capture holds.
func (p *Page) Summary(s *stats.Summary) {
	p.capture(s)
	if s.Packets > 0 {
		p.protocols(s)
		p.sizes(&s.Sizes)
	}
	if s.TCP.Connections > 0 {
		p.health(&s.TCP)
	}
	p.talkers(s)
	p.checksums(s.Checksums)
	p.notices(s)
}

// capture says where the packets come from, how many they are, and when.
func (p *Page) capture(s *stats.Summary) {
	p.Section("Capture")
	for i := range s.Inputs {
		p.input(s, &s.Inputs[i])
	}
	p.Line("packets", p.volume(s.Volume)+", "+plural(s.Flows, "flow"))
	if s.Packets == 0 {
		return
	}
	loc := p.opt.location()
	first := AppendLocalTime(nil, int64(s.First), p.opt.Time, loc)
	last := AppendLocalTime(nil, int64(s.Last), p.opt.Time, loc)
	p.Line("time", fmt.Sprintf("%s to %s (%s)", first, last, p.duration(s.Span)))
	if s.AvgBps > 0 {
		p.Line("average", p.rate(s.AvgBps)+", "+string(AppendPacketRate(nil, s.AvgPps)))
	}
	at := time.Unix(0, int64(s.PeakAt)).In(loc).Format("15:04:05")
	p.Line("peak", fmt.Sprintf("%s at %s, %s", p.rate(s.PeakBps), at, AppendPacketRate(nil, s.PeakPps)))
	p.timeline(&s.Timeline)
}

// input is one interface or file.
func (p *Page) input(s *stats.Summary, in *stats.Input) {
	label, name := "interface", in.Iface
	if in.File != "" {
		label, name = "file", in.File
		if in.Iface != "" {
			name += " " + in.Iface
		}
	}
	facts := []string{in.Link}
	if len(s.Inputs) > 1 {
		facts = append(facts, string(AppendCount(nil, in.Packets))+" packets")
	}
	if in.SnapLen > 0 && in.SnapLen < 65535 {
		facts = append(facts, "cut at "+strconv.Itoa(int(in.SnapLen))+" bytes")
	}
	if in.Drops > 0 {
		facts = append(facts, string(AppendCount(nil, in.Drops))+" lost")
	}
	if name != "" {
		facts[0] = name + " (" + facts[0] + ")"
	}
	p.Line(label, strings.Join(facts, ", "))
}

// timeline is the rate over time, from zero to the fullest bucket.
func (p *Page) timeline(t *stats.Timeline) {
	if len(t.Buckets) < 2 {
		return
	}
	rates, top := make([]float64, len(t.Buckets)), 0.0
	for i, b := range t.Buckets {
		rates[i] = float64(b.Bytes) * 8 / time.Duration(t.Width).Seconds()
	}
	// The top is that of what is drawn: neighbours are averaged to fit.
	for _, v := range Resample(nil, rates, p.sparkRoom()) {
		top = max(top, v)
	}
	p.Spark("rate", rates, top, "0", p.rate(top))
}

// sparkRoom is about how many cells a sparkline of the first section has.
func (p *Page) sparkRoom() int { return max(min(p.room()-30, sparkMax), 1) }

// protocols is the tree of what was carried in what.
func (p *Page) protocols(s *stats.Summary) {
	p.Section("Protocols")
	shown := s.Protocols
	if len(shown) > maxProtocols {
		shown = busyProtocols(s)
	}
	for _, n := range shown {
		p.Bar(strings.Repeat("  ", n.Depth)+n.Name, p.size(n.Bytes), part(n.Bytes, s.Bytes))
	}
	if hidden := len(s.Protocols) - len(shown); hidden > 0 {
		p.Text(strconv.Itoa(hidden) + " smaller ones not shown")
	}
}

// busyProtocols leaves out the smallest nodes of the tree. A node never has
// more than what carries it, so that no child is shown without its parent.
func busyProtocols(s *stats.Summary) []stats.Protocol {
	sizes := make([]uint64, 0, len(s.Protocols))
	for _, n := range s.Protocols {
		sizes = append(sizes, n.Bytes)
	}
	least := nthLargest(sizes, maxProtocols)
	var out []stats.Protocol
	for _, n := range s.Protocols {
		if n.Bytes >= least && (len(out) < maxProtocols || n.Depth == 0) {
			out = append(out, n)
		}
	}
	return out
}

// sizes is a histogram of the frames' lengths.
func (p *Page) sizes(z *stats.Sizes) {
	p.Section("Frame sizes")
	var bins []Bin
	for _, c := range z.Classes {
		label := strconv.Itoa(c.From) + "-" + strconv.Itoa(c.To)
		if c.To == 0 {
			label = strconv.Itoa(c.From) + " and more"
		}
		bins = append(bins, Bin{label, c.Packets})
	}
	p.Histogram(bins)
	p.Text(fmt.Sprintf("%d to %d bytes, mean %.0f, median %d, 99%% up to %d", z.Min, z.Max, z.Mean, z.P50, z.P99))
}

// health says how TCP connections fared.
func (p *Page) health(t *stats.TCPHealth) {
	p.Section("TCP")
	var ends []string
	for _, e := range []struct {
		n    uint64
		what string
	}{
		{t.Complete, "established"}, {t.Reset, "of them reset"}, {t.Rejected, "rejected"},
		{t.Unanswered, "unanswered"}, {t.HalfOpen, "half open"}, {t.Midstream, "already open"},
	} {
		if e.n > 0 {
			ends = append(ends, string(AppendCount(nil, e.n))+" "+e.what)
		}
	}
	p.Line("connections", string(AppendCount(nil, t.Connections))+": "+strings.Join(ends, ", "))
	if q := &t.RTT; q.Count > 0 {
		p.Line("handshakes", fmt.Sprintf("%s, half within %s, 90%% %s, 99%% %s, at most %s", AppendCount(nil, q.Count),
			p.duration(q.P50), p.duration(q.P90), p.duration(q.P99), p.duration(q.Max)))
	}
	p.Line("retransmitted", p.of(t.Retrans, t.Packets)+", "+p.size(t.RetransB))
	p.Line("out of order", p.of(t.OutOfOrder, t.Packets))
	p.Line("zero windows", string(AppendCount(nil, t.ZeroWindow)))
	if t.Missed > 0 {
		p.Line("not captured", p.size(t.Missed)+" of content")
	}
}

// talkers lists the busiest hosts and ports.
func (p *Page) talkers(s *stats.Summary) {
	if len(s.Hosts) > 0 {
		p.Section("Hosts")
		for _, h := range s.Hosts {
			p.Bar(h.Addr.String(), p.size(h.Bytes), part(h.Bytes, s.Bytes))
		}
		p.more(s.HostsMore)
	}
	if len(s.Ports) > 0 {
		p.Section("Ports")
		for _, u := range s.Ports {
			label := strconv.Itoa(int(u.Port)) + "/" + u.Proto
			if u.Service != "" {
				label += " " + u.Service
			}
			p.Bar(label, p.size(u.Bytes), part(u.Bytes, s.Bytes))
		}
		p.more(s.PortsMore)
	}
}

// checksums lists how checksums turned out, those that were all right together.
func (p *Page) checksums(sums []stats.Checksum) {
	if len(sums) == 0 {
		return
	}
	p.Section("Checksums")
	var fine []string
	for _, c := range sums {
		if c.Bad+c.Offloaded == 0 {
			fine = append(fine, c.Name)
			continue
		}
		value := p.of(c.Bad, c.Checked) + " wrong"
		if c.Offloaded > 0 {
			value += ", " + string(AppendCount(nil, c.Offloaded)) + " left to the network card"
		}
		p.Line(c.Name, value)
	}
	if len(fine) > 0 {
		p.Text(strings.Join(fine, ", ") + ": none wrong")
	}
}

// more says how many rows a list lacks.
func (p *Page) more(n int) {
	if n > 0 {
		p.Text(string(AppendCount(nil, uint64(n))) + " more")
	}
}

func (p *Page) volume(v stats.Volume) string {
	return string(AppendCount(nil, v.Packets)) + ", " + p.size(v.Bytes)
}

func (p *Page) size(n uint64) string { return string(AppendSize(nil, float64(n), p.opt.Size)) }

func (p *Page) rate(bps float64) string {
	return string(AppendRate(nil, bps, p.opt.Rate, p.opt.Size))
}

func (p *Page) duration(d stats.Duration) string {
	return string(AppendDuration(nil, int64(d), p.opt.ASCII))
}

// of is a count with its share of another.
func (p *Page) of(n, all uint64) string {
	return string(AppendCount(nil, n)) + " (" + string(AppendPercent(nil, part(n, all))) + ")"
}

// part is the share of n in all, 0 of nothing.
func part(n, all uint64) float64 {
	if all == 0 {
		return 0
	}
	return math.Min(float64(n)/float64(all), 1)
}
