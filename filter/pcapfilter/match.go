package pcapfilter

// The functions below return how many bytes at the start of s are a number, an
// address or a name, 0 if none are. They say nothing of the values: 999.1 is an
// IPv4 address here, and an error later.

// hexDigit returns the value of a hexadecimal digit, 16 if c is none.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return 16
}

// hexRun returns how many hexadecimal digits s begins with, at most most.
func hexRun(s string, most int) int {
	n := 0
	for n < len(s) && n < most && hexDigit(s[n]) < 16 {
		n++
	}
	return n
}

// matchNumber matches decimal digits, or hexadecimal ones behind 0x.
func matchNumber(s string) int {
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		if n := hexRun(s[2:], len(s)); n > 0 {
			return n + 2
		}
	}
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// matchIPv4 matches two to four numbers with dots between them.
func matchIPv4(s string) int {
	n, parts := matchNumber(s), 1
	if n == 0 {
		return 0
	}
	for parts < 4 && n < len(s) && s[n] == '.' {
		m := matchNumber(s[n+1:])
		if m == 0 {
			break
		}
		n += 1 + m
		parts++
	}
	if parts < 2 {
		return 0
	}
	return n
}

// matchMAC matches six bytes: aa:bb:cc:dd:ee:ff with ':', '-' or '.' between
// them, aabb.ccdd.eeff, or aabbccddeeff.
func matchMAC(s string) int {
	best := 0
	for _, sep := range []byte(":-.") {
		n := hexRun(s, 2)
		for i := 1; i < 6 && n > 0; i++ {
			if n >= len(s) || s[n] != sep {
				n = 0
				break
			}
			m := hexRun(s[n+1:], 2)
			if m == 0 {
				n = 0
				break
			}
			n += 1 + m
		}
		best = max(best, n)
	}
	if len(s) >= 14 && hexRun(s, 4) == 4 && s[4] == '.' && hexRun(s[5:], 4) == 4 && s[9] == '.' && hexRun(s[10:], 4) == 4 {
		best = max(best, 14)
	}
	if hexRun(s, 12) == 12 {
		best = max(best, 12)
	}
	return best
}

// matchBogusMAC matches what looks like the beginning of an Ethernet address
// and is none: two or more bytes, each with a colon behind it.
func matchBogusMAC(s string) int {
	n, parts := 0, 0
	for {
		m := hexRun(s[n:], 2)
		if m == 0 || n+m >= len(s) || s[n+m] != ':' {
			break
		}
		n += m
		for n < len(s) && s[n] == ':' {
			n++
		}
		parts++
	}
	if parts < 2 {
		return 0
	}
	return n
}

// matchName matches a name: letters, digits, '-', '_' and '.', not beginning
// or ending with '-' or '_'.
func matchName(s string) int {
	if !isAlnum(s[0]) {
		return 0
	}
	best := 1
	for n := 1; n < len(s); n++ {
		switch c := s[n]; {
		case isAlnum(c) || c == '.':
			best = n + 1
		case c != '-' && c != '_':
			return best
		}
	}
	return best
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// matchIPv6 matches the longest text in the form of an IPv6 address: eight
// groups of up to four digits, or fewer with one "::", the last two groups
// perhaps as an IPv4 address (RFC 4291, section 2.2).
func matchIPv6(s string) int {
	best, n, groups, gap := 0, 0, 0, false
	if len(s) >= 2 && s[:2] == "::" {
		gap, n, best = true, 2, 2
	}
	for {
		if m := matchDottedQuad(s[n:]); m > 0 && (gap && groups <= 5 || groups == 6) {
			best = max(best, n+m)
		}
		m := hexRun(s[n:], 4)
		if m == 0 {
			return best
		}
		n += m
		groups++
		if gap && groups <= 7 || groups == 8 {
			best = max(best, n)
		}
		if n >= len(s) || s[n] != ':' {
			return best
		}
		if n++; n < len(s) && s[n] == ':' {
			if gap || groups > 7 {
				return best
			}
			gap = true
			n++
			best = max(best, n)
		}
	}
}

// matchDottedQuad matches four numbers with dots between them.
func matchDottedQuad(s string) int {
	n := matchNumber(s)
	for range 3 {
		if n == 0 || n >= len(s) || s[n] != '.' {
			return 0
		}
		m := matchNumber(s[n+1:])
		if m == 0 {
			return 0
		}
		n += 1 + m
	}
	return n
}
