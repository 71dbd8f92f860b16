package main

import (
	"regexp"
	"strings"

	"pkt/content"
	"pkt/flow"
	"pkt/names"
	"pkt/output"
	"pkt/reassembly"
)

// grepPrinter prints matches. It is a content.Finder.
type grepPrinter struct {
	talk    *output.Talk
	flows   *flow.Table
	last    uint64 // flow whose matches were printed last
	some    bool
	matches uint64
}

// Found implements content.Finder.
func (p *grepPrinter) Found(s *reassembly.Stream, side uint8, m *content.Match) {
	var row flow.Row
	p.flows.Row(s.Handle, &row)
	if !p.some || p.last != row.ID {
		p.some, p.last = true, row.ID
		src, dst := row.Endpoints()
		words := []string{"flow " + flowID(row.ID), names.Protocol(row.Proto)}
		if s := names.Service(row.Proto, row.ServicePort); s != "" && row.PortVia != flow.PortNone {
			words = append(words, s)
		}
		p.talk.Flow(src.String()+" → "+dst.String(), strings.Join(words, " · "))
	}
	p.matches++
	p.talk.Match(isServer(&row, side), m.Nanos, m.Off, m.Before, m.Text, m.Behind)
}

// flowFinder collects the flows that match. It is a content.Finder.
type flowFinder struct {
	flows *flow.Table
	ids   map[uint64]struct{}
}

// Found implements content.Finder.
func (p *flowFinder) Found(s *reassembly.Stream, _ uint8, _ *content.Match) {
	var row flow.Row
	p.flows.Row(s.Handle, &row)
	p.ids[row.ID] = struct{}{}
}

// parseGrep reads the expression of --grep.
func parseGrep(text string) (*regexp.Regexp, error) {
	if text == "" {
		return nil, nil
	}
	expr, err := regexp.Compile(text)
	if err != nil {
		return nil, usagef("--grep %s: %s", text, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if expr.MatchString("") {
		return nil, usagef("--grep %s: it matches nothing at all, and so everywhere", text)
	}
	return expr, nil
}
