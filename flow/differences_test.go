package flow_test

// The rows of the corpora that flows differ from, by the name that the
// difference has in docs/CONFORMANCE.md.

// zeekDifferences names rows by capture, connection and state.
var zeekDifferences = map[string][]string{
	"script-stops-analysis": {
		"zeek-ftp-fake-long-commands.pcap 127.0.0.1 58634 127.0.0.1 21 tcp SF",
		"zeek-globus-url-copy.pcap 192.168.57.103 35391 192.168.57.101 55968 tcp S1",
		"zeek-smtp.pcap 10.10.1.4 1470 74.53.140.153 25 tcp S1",
		"zeek-smtp.pcap 192.168.133.100 49648 192.168.133.102 25 tcp S1",
		"zeek-tunnels-vxlan.pcap 10.0.0.1 8 10.0.0.2 0 icmp OTH",
	},
	"attempt-timer": {
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.1.79 51880 131.159.21.1 22 tcp S0",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.1.79 51880 131.159.21.1 22 tcp SH",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.2.1 57189 192.168.2.158 22 tcp S0",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.2.1 57189 192.168.2.158 22 tcp SH",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.2.1 56594 192.168.2.158 22 tcp S0",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.2.1 56594 192.168.2.158 22 tcp SH",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.2.1 56875 192.168.2.158 22 tcp S0",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.2.1 56875 192.168.2.158 22 tcp SH",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.1.32 41164 128.2.10.238 22 tcp S0",
		"zeek-ssh-ssh.client-side-half-duplex.pcap 192.168.1.32 41164 128.2.10.238 22 tcp SH",
	},
	"tunnel-carrier": {
		"zeek-tunnels-ayiya-large-identity.pcap 10.0.0.1 12345 10.0.0.2 5072 udp S0",
		"zeek-tunnels-ayiya3.pcap 192.168.3.101 53796 216.14.98.22 5072 udp SHR",
		"zeek-tunnels-ayiya3.pcap 192.168.3.101 53859 216.14.98.22 5072 udp SF",
		"zeek-tunnels-gre-over-udp-4754.pcap 192.168.0.107 36527 192.168.5.1 4754 udp S0",
		"zeek-tunnels-gre-over-udp-4754.pcap 192.168.0.107 40987 192.168.5.1 4754 udp S0",
		"zeek-tunnels-gre-over-udp-4754.pcap 192.168.0.107 50343 192.168.5.1 4754 udp S0",
		"zeek-tunnels-gre-over-udp-4754.pcap 192.168.0.107 53571 192.168.5.1 4754 udp S0",
		"zeek-tunnels-gtp-gtp6_gtp_0x32.pcap 79.188.154.91 2152 243.149.173.198 2152 udp SF",
		"zeek-tunnels-gtp-gtp7_ipv6.pcap 118.92.124.41 2152 118.92.124.72 2152 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 172.24.16.121 61901 94.245.121.251 3544 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 172.27.159.9 63912 94.245.121.253 3544 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 172.27.159.9 63912 94.245.121.254 3544 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 174.94.190.213 2152 190.104.181.57 2152 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 174.94.190.229 2152 190.104.181.57 2152 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 174.94.190.229 2152 190.104.181.62 2152 udp SF",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 190.104.181.57 2152 190.104.181.222 2152 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 190.104.181.254 2152 190.104.181.62 2152 udp S0",
		"zeek-tunnels-gtp-gtp8_teredo.pcap 190.104.181.210 2152 190.104.181.125 2152 udp S0",
		"zeek-tunnels-vxlan-encapsulated-http.pcap 10.1.200.131 50000 10.1.1.172 4789 udp S0",
		"zeek-tunnels-vxlan-encapsulated-igmp-v2.pcap 172.30.0.1 48036 172.30.0.2 4789 udp OTH",
		"zeek-tunnels-vxlan-encapsulated-igmp-v2.pcap 172.30.0.1 45303 172.30.0.2 4789 udp OTH",
		"zeek-tunnels-vxlan-encapsulated-igmp-v2.pcap 172.30.0.1 36030 172.30.0.2 4789 udp OTH",
		"zeek-tunnels-vxlan.pcap 192.168.56.12 38071 192.168.56.11 4789 udp S0",
		"zeek-tunnels-vxlan.pcap 192.168.56.11 48134 192.168.56.12 4789 udp S0",
	},
	"bare-mode-ports": {
		"zeek-tunnels-gre-aruba-amsdu.pcap 157.240.18.16 443 149.159.130.184 49392 tcp OTH",
	},
}

// conversationDifferences names rows by capture, kind and ends.
var conversationDifferences = map[string][]string{
	"aggregated-frames": {
		"zeek-tunnels-gre-aruba-amsdu.pcap ip 149.159.130.184 157.240.18.16",
	},
	"teredo-bubble": {
		"zeek-tunnels-gtp-gtp8_teredo.pcap ipv6 2001:0:4137:9e76:201a:3f51:3afd:573e 2001:0:5ef5:79fd:3ca5:6ae6:2b37:be97",
		"zeek-tunnels-gtp-gtp8_teredo.pcap ipv6 2001:0:5ef5:79fd:1cf3:80f9:2b37:be94 2001:0:5ef5:79fd:2ce7:167d:a653:379",
		"zeek-tunnels-gtp-gtp8_teredo.pcap ipv6 2001:0:4137:9e76:824:20f3:88a3:b04c 2001:0:5ef5:79fd:1cf3:80f9:2b37:be94",
		"zeek-tunnels-gtp-gtp8_teredo.pcap ipv6 2001:0:5ef5:79fd:2093:3b91:2b37:be87 2001:0:5ef5:79fd:3098:1099:acae:8abb",
		"zeek-tunnels-gtp-gtp8_teredo.pcap ipv6 2001:0:4137:9e76:282c:a472:4e9f:9dab 2001:0:5ef5:79fd:30ec:35be:2b37:be81",
		"zeek-tunnels-gtp-gtp8_teredo.pcap ipv6 2001:0:4137:9e76:fb:32b7:bb3e:964 2001:0:5ef5:79fd:82f:1c86:2b37:be8e",
		"zeek-tunnels-gtp-gtp8_teredo.pcap ipv6 2001:0:4137:9e76:c7c:1179:ba77:139a 2001:0:5ef5:79fd:82f:1c86:2b37:be8e",
	},
	"tunnel-in-fragments": {
		"zeek-tunnels-gtp-gtp_ext_header.pcap ip 10.155.182.202 10.155.186.57",
	},
}
