package main

import (
	"fmt"
	"time"

	"pkt/internal/pkttest"
)

// mail fetches mail twice and sends one message.
func (o *officeNet) mail() {
	for i, seconds := range []float64{3.1, 64} {
		c := o.dial(seconds, laptop(i), "192.0.2.26:993", 12*time.Millisecond)
		o.page(c, "imap.example.com", 5000)
	}
	c := o.dial(71, laptop(1), "192.0.2.27:587", 12*time.Millisecond)
	c.Handshake()
	lines := []struct {
		client bool
		text   string
	}{
		{false, "220 smtp.example.com ESMTP\r\n"},
		{true, "EHLO laptop2.example.com\r\n"},
		{false, "250-smtp.example.com\r\n250-STARTTLS\r\n250 8BITMIME\r\n"},
		{true, "STARTTLS\r\n"},
		{false, "220 ready\r\n"},
	}
	for _, l := range lines {
		c.Wait(o.between(time.Millisecond, 9*time.Millisecond))
		if l.client {
			c.Client.Send([]byte(l.text))
		} else {
			c.Server.Send([]byte(l.text))
		}
	}
	c.Client.Send(pkttest.ClientHello("smtp.example.com"))
	c.Server.Send(append(pkttest.ServerHello(), pkttest.TLSData(2800)...))
	c.Client.Send(pkttest.TLSData(34_000))
	c.Server.Send(pkttest.TLSData(58))
	c.Close()
	o.add(c.Packets...)
}

// fileServer keeps an SMB session that was open before the capture began, and
// opens another one.
func (o *officeNet) fileServer() {
	smb := func(n int) []byte {
		b := append([]byte{0, 0, byte((n - 4) >> 8), byte(n - 4), 0xfe, 'S', 'M', 'B'}, make([]byte, n-8)...)
		b[8] = 64 // length of the header
		return b
	}
	old := o.dial(1.4, laptop(0), fileHost+":445", 400*time.Microsecond)
	for range 22 {
		old.Client.Send(smb(120 + o.below(90)))
		old.Server.Send(smb(200 + o.below(6000)))
		old.Wait(o.between(time.Second, 7*time.Second))
	}
	o.add(old.Packets...)

	c := o.dial(38, laptop(3), fileHost+":445", 400*time.Microsecond)
	c.Handshake()
	for range 4 {
		c.Client.Send(smb(180))
		c.Server.Send(smb(280))
	}
	for range 9 {
		c.Client.Send(smb(32_768))
		c.Server.Send(smb(84))
		c.Wait(o.between(40*time.Millisecond, 400*time.Millisecond))
	}
	c.Close()
	o.add(c.Packets...)
}

// shell is a login over SSH, somebody typing.
func (o *officeNet) shell() {
	c := o.dial(5.5, laptop(1), "10.1.10.9:22", 600*time.Microsecond)
	c.Handshake()
	c.Server.Send([]byte("SSH-2.0-OpenSSH_9.6\r\n"))
	c.Client.Send([]byte("SSH-2.0-OpenSSH_9.7\r\n"))
	c.Client.Send(make([]byte, 1120))
	c.Server.Send(make([]byte, 1080))
	for range 70 {
		c.Client.Send(make([]byte, 36))
		c.Server.Send(make([]byte, 36+4*o.below(60)))
		c.Wait(o.between(90*time.Millisecond, 2600*time.Millisecond))
	}
	o.add(c.Packets...)
}

// printing sends one job to the printer and asks its web page for the state.
func (o *officeNet) printing() {
	job := o.dial(52, laptop(0), printer+":9100", 900*time.Microsecond)
	job.Handshake()
	job.Client.Send(append([]byte("\x1b%-12345X@PJL JOB\r\n"), make([]byte, 52_000)...))
	job.Server.Window = 0
	job.Server.ACK()
	job.Wait(1200 * time.Millisecond)
	job.Client.KeepAlive() // probes the closed window
	job.Server.ACK()
	job.Wait(800 * time.Millisecond)
	job.Server.Window = 8192
	job.Server.ACK()
	job.Client.Send(make([]byte, 9000))
	job.Close()
	o.add(job.Packets...)
	for i, seconds := range []float64{51.2, 60.7} {
		c := o.dial(seconds, laptop(0), printer+":80", 900*time.Microsecond)
		c.Handshake()
		c.Client.Send([]byte("GET /status HTTP/1.1\r\nHost: printer.example.com\r\nAccept: text/html\r\n\r\n"))
		page := fmt.Sprintf("<html><p>%s</p></html>", []string{"printing page 1 of 3", "ready"}[i])
		c.Server.Send(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(page), page))
		c.Close()
		o.add(c.Packets...)
	}
}

// housekeeping is what machines say without being asked: ARP, NTP, mDNS, DHCP
// and pings.
func (o *officeNet) housekeeping() {
	for n := range 4 {
		now := after(0.3 + float64(n)*0.7)
		ask := pkttest.ARP{SrcIP: laptop(n), DstIP: gateway}
		reply := pkttest.ARP{Op: 2, SrcIP: gateway, DstIP: laptop(n)}
		o.add(
			pkttest.At(now, pkttest.Frame(pkttest.Ethernet{Src: pkttest.MAC(laptop(n)), Dst: "ff:ff:ff:ff:ff:ff", Min: 60}, ask)),
			pkttest.At(now+180_000, pkttest.Frame(pkttest.Ethernet{Src: pkttest.MAC(gateway), Dst: pkttest.MAC(laptop(n)), Min: 60}, reply)),
		)
		o.ntp(9+float64(n)*27, laptop(n))
		for _, seconds := range []float64{18 + float64(n), 79 + float64(n)} {
			query := pkttest.DNSQuery(0, "_ipp._tcp.local", pkttest.TypePTR)
			o.add(pkttest.At(after(seconds), pkttest.Datagram(hostPort(laptop(n), 5353), "224.0.0.251:5353", query)))
		}
	}
	for i := range 5 {
		ping := pkttest.ICMP{Type: pkttest.Echo, Rest: pkttest.Ping(0x1d2c, uint16(i+1))}
		now := after(90 + float64(i))
		pong := pkttest.ICMP{Type: pkttest.EchoReply, Rest: ping.Rest}
		o.add(
			pkttest.At(now, pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{Src: laptop(3), Dst: gateway}, ping, pkttest.Zeros(56))),
			pkttest.At(now+410_000, pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv4{Src: gateway, Dst: laptop(3)}, pong, pkttest.Zeros(56))),
		)
	}
	for i := range 6 {
		from, to := fmt.Sprintf(laptop6, 11+i%4), "2001:db8:20::1"
		ask := pkttest.ICMP{Type: pkttest.NeighborAsk6}
		target := pkttest.Payload(append([]byte{0x20, 1, 0xd, 0xb8, 0, 0x20}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
		o.add(pkttest.At(after(2+float64(i)*19), pkttest.Frame(pkttest.Ethernet{}, pkttest.IPv6{Src: from, Dst: to, HopLimit: 255}, ask, target)))
	}
}

// ntp asks a time server.
func (o *officeNet) ntp(seconds float64, client string) {
	src, dst := hostPort(client, 123), "192.0.2.123:123"
	ask := append([]byte{0x23}, make([]byte, 47)...)
	answer := append([]byte{0x24, 2}, make([]byte, 46)...)
	o.add(
		pkttest.At(after(seconds), pkttest.Datagram(src, dst, pkttest.Payload(ask))),
		pkttest.At(after(seconds)+17_300_000, pkttest.Datagram(dst, src, pkttest.Payload(answer))),
	)
}

// scan tries the ports of the file server.
func (o *officeNet) scan() {
	for i := range 40 {
		port := uint16(1 + i*27)
		switch i {
		case 2:
			port = 22
		case 17:
			port = 445
		}
		c := pkttest.Dial(after(30+float64(i)*0.004), hostPort(scanner, 60123), hostPort(fileHost, port))
		c.RTT = 350 * time.Microsecond
		c.Client.SYNOpts = pkttest.MSS(1460)
		c.Client.SYN()
		if port == 22 || port == 445 {
			c.Server.SYNACK()
			c.Client.Emit(pkttest.TCP{Seq: c.Client.Seq, Flags: pkttest.RST})
		} else {
			c.Server.Emit(pkttest.TCP{Flags: pkttest.RST | pkttest.ACK, Ack: c.Client.Seq})
		}
		o.add(c.Packets...)
	}
}

// failures are connections that do not come to much, and a traceroute.
func (o *officeNet) failures() {
	dead := o.dial(26, laptop(1), "10.1.30.9:5432", time.Millisecond)
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 0} {
		dead.Client.SYN()
		dead.Client.Seq--
		dead.Wait(wait)
	}
	o.add(dead.Packets...)
	refused := o.dial(33, laptop(0), fileHost+":8080", 400*time.Microsecond)
	refused.Client.SYN()
	refused.Server.Emit(pkttest.TCP{Flags: pkttest.RST | pkttest.ACK, Ack: refused.Client.Seq})
	o.add(refused.Packets...)
	reset := o.dial(o.lookup(77, laptop(3), resolver, "api.example.org", pkttest.TypeA, "198.51.100.23"),
		laptop(3), "198.51.100.23:443", 28*time.Millisecond)
	reset.Handshake()
	reset.Client.Send(pkttest.ClientHello("api.example.org", "h2"))
	reset.Server.Send(append(pkttest.ServerHello(), pkttest.TLSData(2600)...))
	reset.Client.Send(pkttest.TLSData(400))
	reset.Server.Send(pkttest.TLSData(9000))
	reset.Server.RST()
	o.add(reset.Packets...)
	o.lookup(58, laptop(3), resolver, "wpad.example.com", pkttest.TypeA)
	for hop := range 4 {
		src, dst := hostPort(laptop(0), 40777), fmt.Sprintf("198.51.100.99:%d", 33434+hop)
		now := after(100 + float64(hop)*0.4)
		probe := pkttest.Datagram(src, dst, pkttest.Zeros(24))
		o.add(pkttest.At(now, probe))
		router, icmp := fmt.Sprintf("10.1.0.%d", hop+1), pkttest.ICMP{Type: pkttest.TimeExceeded}
		if hop == 3 {
			router, icmp = "198.51.100.99", pkttest.ICMP{Type: pkttest.Unreachable, Code: 3}
		}
		o.add(pkttest.At(now+int64(hop+1)*4_100_000, pkttest.Frame(pkttest.Ethernet{},
			pkttest.IPv4{Src: router, Dst: laptop(0)}, icmp, pkttest.Payload(probe[14:14+28]))))
	}
}
