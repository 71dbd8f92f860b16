package app

// Network time, RFC 5905 section 7.3: leap indicator, version and mode in the
// first byte, then stratum, poll interval and precision.
const ntpLen = 48

// ntpModes are the modes of NTP.
var ntpModes = [8]string{"unspecified", "symmetric active", "symmetric passive", "Client", "Server", "Broadcast", "Control Message", "Reserved"}

// NTP is a view of an NTP message; control messages are shorter than others.
type NTP struct{ b []byte }

// AsNTP returns the message that b begins with. Any 4 bytes with a version are
// one: the port has to tell.
func AsNTP(b []byte) (NTP, bool) {
	if len(b) < 4 || b[0]>>3&7 == 0 || b[0]>>3&7 > 4 {
		return NTP{}, false
	}
	return NTP{b}, true
}

// Version returns the version, 1 to 4.
func (m NTP) Version() uint8 { return m.b[0] >> 3 & 7 }

// Mode returns the name of the mode.
func (m NTP) Mode() string { return ntpModes[m.b[0]&7] }

// Stratum returns how far the clock is from its reference; ok is false for
// messages that are not about time.
func (m NTP) Stratum() (stratum uint8, ok bool) { return m.b[1], len(m.b) >= ntpLen && m.b[0]&7 < 6 }
