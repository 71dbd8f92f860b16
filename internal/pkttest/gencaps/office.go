package main

import (
	"fmt"
	"time"

	"pkt/internal/pkttest"
)

// office returns the capture of the README's first command: two minutes on the
// uplink of a small office.
func office() testCase {
	o := &officeNet{dice: 7}
	o.webPages()
	o.quic()
	o.download()
	o.mail()
	o.fileServer()
	o.shell()
	o.printing()
	o.housekeeping()
	o.scan()
	o.failures()
	packets := pkttest.Merge(o.packets...)
	return testCase{
		name:  "office",
		title: "Two minutes of a small office",
		about: `
Four laptops (10.1.20.11 to .14), a printer (.40), a file server (10.1.10.5), a name server (10.1.10.2) and the world:
web pages over TLS and QUIC with the DNS lookups before them, plain HTTP, mail (IMAPS and submission), SMB, SSH, NTP,
mDNS, ARP, pings, printing. IPv4 and IPv6.

Worth finding:

* 203.0.113.80:443 to 10.1.20.13: a download over a lossy line, with retransmissions and duplicate acknowledgements.
* 10.1.20.66: a port scan of the file server, refused by every port but 22 and 445.
* 198.51.100.23:443: resets 10.1.20.14 in the middle of an answer.
* 10.1.20.12 to 10.1.30.9:5432: nobody answers. 10.1.20.11 to 10.1.10.5:8080: refused.
* 10.1.20.14 asks the name server for a name that does not exist.
* A traceroute from 10.1.20.11: UDP probes answered by ICMP time exceeded and port unreachable.

Segments with bulk content are cut after 82 bytes, so that the file stays small; all else is whole.`,
		files: one(cutBulk(packets)),
	}
}

// cutBulk cuts long frames of TCP, save those that open a TLS session, and
// leaves the rest whole.
func cutBulk(packets []pkttest.Packet) []pkttest.Packet {
	for i, p := range packets {
		if len(p.Data) > 600 && (p.Data[23] == 6 || p.Data[20] == 6) {
			packets[i] = p.Snap(82)
		}
	}
	return packets
}

// officeNet collects the conversations of the office.
type officeNet struct {
	dice
	packets [][]pkttest.Packet
	ports   uint16 // the last port that a client took
	queries uint16 // the last identifier of a DNS query
}

// Hosts.
const (
	resolver   = "10.1.10.2"
	fileHost   = "10.1.10.5"
	gateway    = "10.1.20.1"
	printer    = "10.1.20.40"
	scanner    = "10.1.20.66"
	resolver6  = "2001:db8:20::2"
	laptop6    = "2001:db8:20::%d"
	slowMirror = "203.0.113.80"
)

// after returns the time some seconds into the capture.
func after(seconds float64) int64 { return at + int64(seconds*1e9) }

// add keeps packets that a conversation has captured.
func (o *officeNet) add(packets ...pkttest.Packet) { o.packets = append(o.packets, packets) }

// port returns an ephemeral port that no one has.
func (o *officeNet) port() uint16 {
	o.ports += uint16(1 + o.below(9))
	return 49152 + o.ports
}

// laptop returns the address of one of the laptops.
func laptop(n int) string { return fmt.Sprintf("10.1.20.%d", 11+n%4) }

// dial begins a conversation from a host with a port of its own.
func (o *officeNet) dial(seconds float64, client, server string, rtt time.Duration) *pkttest.Conn {
	c := pkttest.Dial(after(seconds), hostPort(client, o.port()), server)
	c.RTT = rtt
	c.Gap = o.between(20*time.Microsecond, 90*time.Microsecond)
	c.Client.Seq = uint32(o.below(1 << 30))
	c.Server.Seq = uint32(o.below(1 << 30))
	return c
}

// hostPort joins an address and a port.
func hostPort(ip string, port uint16) string {
	for _, r := range ip {
		if r == ':' {
			return fmt.Sprintf("[%s]:%d", ip, port)
		}
	}
	return fmt.Sprintf("%s:%d", ip, port)
}

// lookup asks a resolver and returns when the answer is there, in seconds.
func (o *officeNet) lookup(seconds float64, client, server, name string, typ uint16, ips ...string) float64 {
	o.queries += uint16(1 + o.below(500))
	src, dst := hostPort(client, o.port()), hostPort(server, 53)
	took := o.between(300*time.Microsecond, 28*time.Millisecond)
	o.add(
		pkttest.At(after(seconds), pkttest.Datagram(src, dst, pkttest.DNSQuery(o.queries, name, typ))),
		pkttest.At(after(seconds)+int64(took), pkttest.Datagram(dst, src, pkttest.DNSAnswer(o.queries, name, typ, ips...))),
	)
	return seconds + took.Seconds() + 0.0004
}

// webPages lets the laptops read web pages over TLS.
func (o *officeNet) webPages() {
	sites := []struct {
		name, ip, ip6 string
		rtt           time.Duration
		size          int
	}{
		{"www.example.com", "192.0.2.10", "2001:db8:100::10", 11 * time.Millisecond, 26_000},
		{"news.example.org", "198.51.100.7", "2001:db8:200::7", 24 * time.Millisecond, 48_000},
		{"cdn.example.net", "203.0.113.5", "2001:db8:300::5", 6 * time.Millisecond, 70_000},
		{"mail.example.com", "192.0.2.25", "2001:db8:100::25", 12 * time.Millisecond, 14_000},
		{"chat.example.com", "192.0.2.30", "2001:db8:100::30", 13 * time.Millisecond, 6_000},
		{"tickets.example.org", "198.51.100.44", "2001:db8:200::44", 31 * time.Millisecond, 20_000},
	}
	for visit := range 36 {
		site := sites[o.below(len(sites))]
		seconds := float64(o.below(112_000)) / 1000
		client, server, dns, typ, ip := laptop(visit), site.ip, resolver, uint16(pkttest.TypeA), site.ip
		if visit%3 == 2 {
			client, server, dns, typ = fmt.Sprintf(laptop6, 11+visit%4), site.ip6, resolver6, pkttest.TypeAAAA
			ip = site.ip6
		}
		seconds = o.lookup(seconds, client, dns, site.name, typ, ip)
		c := o.dial(seconds, client, hostPort(server, 443), site.rtt)
		if typ == pkttest.TypeAAAA {
			c.MSS = 1440
		}
		o.page(c, site.name, site.size/2+o.below(site.size))
	}
}

// page opens a TLS session, asks for two things and gets size bytes.
func (o *officeNet) page(c *pkttest.Conn, server string, size int) {
	c.Handshake()
	c.Client.Send(pkttest.ClientHello(server, "h2", "http/1.1"))
	c.Server.Send(append(pkttest.ServerHello(), pkttest.TLSData(2400+o.below(900))...))
	c.Client.Send(pkttest.TLSData(74))
	for _, part := range []int{size / 4, size - size/4} {
		c.Client.Send(pkttest.TLSData(180 + o.below(300)))
		c.Wait(o.between(2*time.Millisecond, 40*time.Millisecond))
		c.Server.Send(pkttest.TLSData(part))
		c.Wait(o.between(50*time.Millisecond, 3*time.Second))
	}
	if o.below(4) > 0 { // some sessions stay open
		c.Close()
	}
	o.add(c.Packets...)
}

// quic lets two laptops talk HTTP/3.
func (o *officeNet) quic() {
	for i, seconds := range []float64{8.2, 47.9, 83.3} {
		host, ip := "video.example.net", "203.0.113.60"
		seconds = o.lookup(seconds, laptop(i), resolver, host, pkttest.TypeA, ip)
		src, dst := hostPort(laptop(i), o.port()), hostPort(ip, 443)
		now := after(seconds)
		id := []byte{byte(i), 1, 2, 3, 4, 5, 6, 7}
		send := func(from, to string, gap time.Duration, content []byte) {
			now += int64(gap)
			o.add(pkttest.At(now, pkttest.Datagram(from, to, pkttest.Payload(content))))
		}
		send(src, dst, 0, pkttest.QUICInitial(id, host))
		short := func(n int) []byte { return append([]byte{0x41}, make([]byte, n-1)...) }
		send(dst, src, 9*time.Millisecond, append([]byte{0xe0, 0, 0, 0, 1}, make([]byte, 300)...))
		for range 24 {
			send(dst, src, o.between(time.Millisecond, 30*time.Millisecond), short(150+o.below(200)))
			if o.below(3) == 0 {
				send(src, dst, 80*time.Microsecond, short(42))
			}
		}
	}
}

// download fetches a file over a line that loses segments.
func (o *officeNet) download() {
	seconds := o.lookup(14, laptop(2), resolver, "mirror.example.net", pkttest.TypeA, slowMirror)
	c := o.dial(seconds, laptop(2), hostPort(slowMirror, 443), 140*time.Millisecond)
	c.Handshake()
	c.Client.Send(pkttest.ClientHello("mirror.example.net", "http/1.1"))
	c.Server.Send(append(pkttest.ServerHello(), pkttest.TLSData(3000)...))
	c.Client.Send(pkttest.TLSData(74))
	c.Client.Send(pkttest.TLSData(210))
	c.Wait(35 * time.Millisecond)
	for range 36 {
		c.Server.SendLossy(make([]byte, 10*1460), 10, func(int) pkttest.Loss {
			switch roll := o.below(100); {
			case roll < 4:
				return pkttest.LostBefore
			case roll < 7:
				return pkttest.LostAfter
			}
			return pkttest.Arrives
		})
		c.Wait(o.between(400*time.Millisecond, 2400*time.Millisecond))
	}
	c.Close()
	o.add(c.Packets...)
}
