package afpacket

import (
	"io/fs"
	"strconv"
	"strings"
)

// missedEvery is how many looks at the socket come between two at counters of
// interfaces, which are files.
const missedEvery = 50

// missed returns how many packets an interface has lost before the kernel saw
// them, by its own counters in sysfs, as libpcap adds them up. Those that it does
// not have count as 0.
func missed(sys fs.FS, name string) (n uint64) {
	for _, counter := range []string{"rx_missed_errors", "rx_fifo_errors"} {
		text, err := fs.ReadFile(sys, "class/net/"+name+"/statistics/"+counter)
		if err != nil {
			continue
		}
		if v, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
			n += v
		}
	}
	return n
}

// askMissed counts what interfaces have lost since they were last asked.
func (c *Capture) askMissed() {
	for n := range c.targets {
		t := &c.targets[n]
		if t.Index == 0 || t.Index == noIndex {
			continue
		}
		now := missed(c.sys, t.Name)
		if now > t.missed && t.asked {
			lost := now - t.missed
			c.stats.IfaceDrops.Add(lost)
			c.lost += lost
		}
		t.missed, t.asked = now, true
	}
}
