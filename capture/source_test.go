package capture

import "testing"

func TestDamageString(t *testing.T) {
	d := Damage{File: "x.pcap", Packet: 1042, Offset: 90210, Reason: "truncated"}
	if got, want := d.String(), "reading x.pcap: truncated at packet 1042"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
