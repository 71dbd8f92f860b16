package pkttest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pkt/internal/pkttest"
)

// summary writes a conversation as one letter a segment, upper case for the
// client: s SYN, h SYN-ACK, a ACK, d data, f FIN, r RST.
func summary(packets []pkttest.Packet, clientPort byte) string {
	var b strings.Builder
	for _, p := range packets {
		tcp := p.Data[34:]
		flags, letter := uint16(tcp[13]), "a"
		switch {
		case flags&pkttest.RST != 0:
			letter = "r"
		case flags&pkttest.FIN != 0:
			letter = "f"
		case flags&(pkttest.SYN|pkttest.ACK) == pkttest.SYN|pkttest.ACK:
			letter = "h"
		case flags&pkttest.SYN != 0:
			letter = "s"
		case len(tcp) > int(tcp[12]>>4)*4:
			letter = "d"
		}
		if tcp[1] == clientPort {
			letter = strings.ToUpper(letter)
		}
		b.WriteString(letter)
	}
	return b.String()
}

func TestConversation(t *testing.T) {
	c := pkttest.Dial(start, "10.0.0.1:99", "10.0.0.2:80")
	c.Handshake()
	c.Client.Send([]byte("question"))
	c.Server.Send(make([]byte, 3*1460))
	c.Close()
	if got, want := summary(c.Packets, 99), "ShADaddAdAFfA"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if rtt := time.Duration(c.Packets[1].Nanos - c.Packets[0].Nanos); rtt != 10*time.Millisecond {
		t.Errorf("the server answers after %v", rtt)
	}
	for i := 1; i < len(c.Packets); i++ {
		if c.Packets[i].Nanos <= c.Packets[i-1].Nanos {
			t.Errorf("packet %d does not come after the one before", i+1)
		}
	}
}

func TestConversationLoss(t *testing.T) {
	c := pkttest.Dial(start, "10.0.0.1:99", "10.0.0.2:80").Handshake()
	data := make([]byte, 4*1460)
	for i := range data {
		data[i] = byte(i / 1460)
	}
	c.Server.SendLossy(data, 10, func(n int) pkttest.Loss {
		return []pkttest.Loss{pkttest.Arrives, pkttest.LostBefore, pkttest.LostAfter, pkttest.Arrives}[n]
	})
	// Segment 1 comes late, 2 comes twice.
	if got, want := summary(c.Packets, 99), "ShAdAddAdAdA"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var order []byte
	for _, p := range c.Packets {
		if len(p.Data) > 1000 {
			order = append(order, p.Data[54])
		}
	}
	if !bytes.Equal(order, []byte{0, 2, 3, 1, 2}) {
		t.Errorf("order of content %v", order)
	}
}

func TestReverseKeepsTimes(t *testing.T) {
	c := pkttest.Dial(start, "10.0.0.1:99", "10.0.0.2:80")
	c.Reverse(func() { c.Handshake() })
	if got, want := summary(c.Packets, 99), "AhS"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c.Packets[0].Nanos != start {
		t.Error("the first packet is not captured at the start")
	}
}
