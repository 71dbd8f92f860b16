package pcapfilter

import "strings"

// Fields of OpenBSD's packet filter log.
const (
	pfIfname uint32 = iota
	pfRuleset
	pfRulenum
	pfSubrulenum
	pfReason
	pfAction
)

// pfReasonNames are the reasons of a log entry, by number.
var pfReasonNames = [...]string{
	"match", "bad-offset", "fragment", "short", "normalize", "memory", "bad-timestamp", "congestion", "ip-option",
	"proto-cksum", "state-mismatch", "state-insert", "state-limit", "src-limit", "synproxy",
}

// pfActionNames are the actions of a log entry, by number.
var pfActionNames = [...]string{
	"pass", "drop", "scrub", "noscrub", "nat", "nonat", "binat", "nobinat", "rdr", "nordr", "synproxy-drop",
}

// pfActionCode returns the number of an action by name.
func pfActionCode(name string) (uint32, bool) {
	switch name = strings.ToLower(name); name {
	case "accept":
		return 0, true
	case "block":
		return 1, true
	}
	return indexOf(pfActionNames[:], name)
}

// Offsets in a pflog header.
const (
	pfActionAt  = 2
	pfReasonAt  = 3
	pfIfnameAt  = 4
	pfRulesetAt = 20
	pfRulenumAt = 36
	pfSubruleAt = 40
	pfDirAt     = 60

	pfNameLen = 16
)

// packetFilter lowers a test of the pflog header.
func (l *lowerer) packetFilter(n *pfTest) *formula {
	if l.link.family != linkPFLog {
		names := [...]string{"ifname", "ruleset", "rnr", "srnr", "reason", "action"}
		return l.fail(n.span, "%s supported only on PF linktype", names[n.field])
	}
	switch n.field {
	case pfIfname:
		if len(n.text) >= pfNameLen {
			return l.fail(n.span, "ifname interface names can only be %d characters", pfNameLen-1)
		}
		return l.bytes(l.header.add(pfIfnameAt), []byte(n.text))
	case pfRuleset:
		if len(n.text) >= pfNameLen {
			return l.fail(n.span, "ruleset names can only be %d characters", pfNameLen-1)
		}
		return l.bytes(l.header.add(pfRulesetAt), []byte(n.text))
	case pfRulenum:
		return l.equal(l.header.add(pfRulenumAt), 4, n.number)
	case pfSubrulenum:
		return l.equal(l.header.add(pfSubruleAt), 4, n.number)
	case pfReason:
		return l.equal(l.header.add(pfReasonAt), 1, n.number)
	}
	return l.equal(l.header.add(pfActionAt), 1, n.number)
}
