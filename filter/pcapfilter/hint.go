package pcapfilter

import (
	"strings"

	"pkt/field"
)

// usualWords are the words that are mistyped most, since they are typed most.
var usualWords = []string{
	"host", "net", "port", "portrange", "proto", "src", "dst", "and", "or", "not", "mask", "gateway",
	"ip", "ip6", "arp", "tcp", "udp", "icmp", "icmp6", "sctp", "ether", "vlan", "mpls", "pppoes", "geneve", "vxlan",
	"broadcast", "multicast", "less", "greater", "len", "inbound", "outbound",
}

// Hint returns the word that was probably meant where the language knows none,
// "" if nothing is near.
func (e *Error) Hint() string {
	if !strings.Contains(e.Msg, "syntax error") && !strings.HasPrefix(e.Msg, "unknown host") {
		return ""
	}
	// A mistyped word may be taken for the name of a host: the mistake then shows
	// with the word behind it.
	before := strings.Fields(e.Expr[:e.Pos])
	words := []string{strings.TrimSpace(e.Expr[e.Pos:e.End])}
	if len(before) > 0 {
		words = append(words, before[len(before)-1])
	}
	for _, word := range words {
		if use := nearest(strings.Trim(word, "()!")); use != "" {
			return use
		}
	}
	return ""
}

// nearest returns the keyword that a word is probably meant to be, "" if it is
// one, or far from all.
func nearest(word string) string {
	if _, known := lookupKeyword(word); known || len(word) < 2 || word[0] >= '0' && word[0] <= '9' {
		return ""
	}
	lower := strings.ToLower(word)
	if _, known := lookupKeyword(lower); known {
		return lower
	}
	best, least := "", 1+len(word)/4
	for _, k := range usualWords {
		if d := field.Distance(lower, k); d <= least && (best == "" || d < least) && d < len(k) {
			best, least = k, d
		}
	}
	return best
}
