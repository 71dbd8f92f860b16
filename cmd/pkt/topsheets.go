package main

import (
	"errors"
	"io"
	"maps"
	"os"
	"strings"
	"sync"

	"pkt/filter"
	"pkt/filter/pcapfilter"
	"pkt/meter"
	"pkt/names"
	"pkt/process"
	"pkt/stats"
	"pkt/tui"
)

// screenRates are the columns of rates behind the keys.
func screenRates(cfg *stats.Config) []string {
	main := strings.TrimPrefix(cfg.MainRate(), "bps_")
	columns := append([]string{"service", "state", "active_flows", "tx_bps_" + main, "rx_bps_" + main}, cfg.RateFields("")...)
	for _, a := range cfg.Aggregates {
		columns = append(columns, a.Name)
	}
	return append(columns, "share_"+main, "recent_bps")
}

// screenTotals are the columns of totals behind the keys.
var screenTotals = []string{"service", "state", "flows", "packets", "bytes", "tx_bytes", "rx_bytes", "avg_bps", "peak_bps", "tx_peak_bps", "rx_peak_bps", "share"}

// screenLooks are how the screen shows columns: the windows and the history are
// what it is for.
func screenLooks(cfg *stats.Config) map[string]look {
	looks := looksOf(cfg)
	main := strings.TrimPrefix(cfg.MainRate(), "bps_")
	maps.Copy(looks, map[string]look{
		"service":        {title: "SERVICE", priority: 9},
		"active_flows":   {title: "FLOWS", priority: 8},
		"tx_bps_" + main: {title: "TX", priority: 7},
		"rx_bps_" + main: {title: "RX", priority: 7},
		"recent_bps":     {title: "1 MIN", priority: 3},
		"share_" + main:  {title: "SHARE", priority: 2, bar: true},
		"state":          {title: "STATE", priority: 1},
	})
	for name, priority := range map[string]uint8{
		"bytes": 0, "avg_bps": 0, "peak_bps": 0, "share": 2, "tx_bytes": 3, "rx_bytes": 3,
		"packets": 5, "flows": 6, "tx_peak_bps": 10, "rx_peak_bps": 10,
	} {
		l := looks[name]
		l.priority = priority
		looks[name] = l
	}
	for i, name := range cfg.RateFields("") {
		l := looks[name]
		if l.priority = 0; i != cfg.MainWindow() {
			l.priority = uint8(4 + min(i, 1))
		}
		looks[name] = l
	}
	return looks
}

// finalLooks are how the one table of a live run shows columns: bytes, average and
// peak in both directions are what it is for.
func finalLooks(cfg *stats.Config) map[string]look {
	looks := looksOf(cfg)
	for name, priority := range map[string]uint8{
		"peers": 12, "share": 11, "packets": 10, "service": 9, "flows": 8, "state": 7,
		"tx_avg_bps": 6, "rx_avg_bps": 6, "tx_peak_bps": 5, "rx_peak_bps": 5, "tx_bytes": 0, "rx_bytes": 0,
	} {
		l := looks[name]
		l.priority = priority
		looks[name] = l
	}
	return looks
}

// screenGroupings are what the menu of the screen offers, of which those that
// this pkt knows are shown.
var screenGroupings = []tui.Grouping{
	{By: "port", Doc: "service port, one row however many clients"},
	{By: "process", Doc: "process that sends or receives"},
	{By: "host", Doc: "address at either end"},
	{By: "src_ip,dst_ip", Doc: "who sends to whom"},
	{By: "flow", Doc: "connection, with its state"},
	{By: "local_port", Doc: "port of this host"},
	{By: "remote_ip", Doc: "other host"},
	{By: "local_ip,remote_port", Doc: "own address and port of the other host"},
	{By: "proto", Doc: "protocol"},
	{By: "mac", Doc: "hardware address at either end"},
	{By: "net(src_ip,24)", Doc: "network that sends"},
	{By: "bucket(len,64)", Doc: "packet size"},
	{By: "vlan", Doc: "VLAN"},
	{By: "iface", Doc: "interface"},
}

// groupings returns the lines of the menu.
func (t *topScreen) groupings() []tui.Grouping {
	var known []tui.Grouping
	schema := topSchema(nil, noIface, process.NewTable())
	for _, g := range screenGroupings {
		if g.By == "process" && t.session.owners.watcher == nil {
			continue
		}
		if _, err := stats.ParseBy(schema, g.By); err == nil {
			known = append(known, g)
		}
	}
	return known
}

// newScreenFilter compiles what was typed: an expression over packets, or a
// pcap-filter.
func newScreenFilter(text string, owners *process.Table) (meter.Filter, error) {
	predicate, exprErr := filter.Compile(text, packetSchema(owners))
	if exprErr == nil {
		return &packetWhere{predicate: predicate}, nil
	}
	system, err := names.ReadSystem(os.DirFS("/etc"))
	if err != nil {
		return nil, err
	}
	cache := pcapfilter.NewCache(text, pcapfilter.Options{Names: system})
	_, pcapErr := cache.Matcher(linkEthernet, false)
	if pcapErr == nil {
		return cache, nil
	}
	// What looks like an expression was probably meant to be one.
	if strings.ContainsAny(text, `="<>.`) {
		return nil, explained(exprErr)
	}
	return nil, explained(pcapErr)
}

// explained returns an error with the mark under its place.
func explained(err error) error {
	var e *filter.Error
	if errors.As(err, &e) {
		return err
	}
	return filterError(err)
}

// heldNotes keeps what is said while a screen is up, and says it when that is
// gone. Any goroutine may write.
type heldNotes struct {
	to   io.Writer
	lock sync.Mutex
	held []string // nil once released
	gone bool
}

// maxNotes is how many notes are kept.
const maxNotes = 100

// Write implements io.Writer.
func (h *heldNotes) Write(text []byte) (int, error) {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.gone {
		return h.to.Write(text)
	}
	if h.held = append(h.held, string(text)); len(h.held) > maxNotes {
		h.held = h.held[1:]
	}
	return len(text), nil
}

// lines returns the latest notes for the screen.
func (h *heldNotes) lines() []string {
	h.lock.Lock()
	defer h.lock.Unlock()
	var out []string
	for _, n := range h.held[max(len(h.held)-1, 0):] {
		out = append(out, strings.TrimPrefix(strings.TrimSpace(n), "pkt: "))
	}
	return out
}

// release says what was held, and lets through what comes.
func (h *heldNotes) release() {
	h.lock.Lock()
	defer h.lock.Unlock()
	for _, n := range h.held {
		io.WriteString(h.to, n)
	}
	h.held, h.gone = nil, true
}
