#!/usr/bin/env bash
# Makes the captures of real programs anew: two hosts and a router between them,
# each in a network namespace of its own. No packet leaves these namespaces.
#
#     testdata/gen/real.sh [CASE...]          as root, from the top of the repository
#
# It needs iproute2, tcpdump, curl, python3, ping, iperf3, nft, and /dev/net/tun.
# The bytes differ from run to run; expected.json is made anew with them by
# `go run ./internal/pkttest/expect testdata/pcaps/*-real/`. programs.json holds
# what the programs themselves said about their traffic.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$here/../pcaps" && pwd)
net="python3 $here/net.py"
tag=pktgen$$
A=$tag-a R=$tag-r B=$tag-b        # client, router, server
jobs=() tcpdump=()
work=$(mktemp -d)

in_() { ip netns exec "$@"; }

finish() {
    for pid in "${jobs[@]}" "${tcpdump[@]}"; do kill "$pid" 2>/dev/null || true; done
    for ns in "$A" "$R" "$B"; do ip netns del "$ns" 2>/dev/null || true; done
    rm -rf "$work" "/etc/netns/$A" "/etc/netns/$B"
    rmdir --ignore-fail-on-non-empty /etc/netns
}
trap finish EXIT

# hosts joins the namespaces: A has eth0 10.1.0.2, R eth0 10.1.0.1 and eth1
# 10.2.0.1, B eth0 10.2.0.2; likewise in 2001:db8:1:: and 2001:db8:2::.
hosts() {
    local ns
    mkdir -p "/etc/netns/$A" "/etc/netns/$B"
    echo 'nameserver 127.0.0.1' | tee "/etc/netns/$A/resolv.conf" >"/etc/netns/$B/resolv.conf"
    for ns in "$A" "$R" "$B"; do
        ip netns del "$ns" 2>/dev/null || true
        ip netns add "$ns"
        in_ "$ns" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        ip -n "$ns" link set lo up
    done
    ip -n "$A" link add eth0 type veth peer name eth0 netns "$R"
    ip -n "$B" link add eth0 type veth peer name eth1 netns "$R"
    address "$A" eth0 10.1.0.2/24 2001:db8:1::2/64
    address "$R" eth0 10.1.0.1/24 2001:db8:1::1/64
    address "$R" eth1 10.2.0.1/24 2001:db8:2::1/64
    address "$B" eth0 10.2.0.2/24 2001:db8:2::2/64
    ip -n "$A" route add default via 10.1.0.1
    ip -n "$A" route add default via 2001:db8:1::1
    ip -n "$B" route add default via 10.2.0.1
    ip -n "$B" route add default via 2001:db8:2::1
    sleep 0.3
}

# address NAMESPACE DEVICE ADDRESS... gives a device its addresses and starts it.
address() {
    local ns=$1 dev=$2 ip
    shift 2
    ip -n "$ns" link set "$dev" up
    for ip; do ip -n "$ns" addr add "$ip" dev "$dev"; done
}

# run NAMESPACE COMMAND... starts a server that ends with the script.
run() {
    local ns=$1
    shift
    ip netns exec "$ns" "$@" >/dev/null 2>&1 &
    jobs+=($!)
    sleep 0.4
}

# tunnel NAMESPACE PROGRAM DEVICE ARGUMENT... starts one end of a tunnel.
tunnel() {
    run "$1" $net "${@:2}"
    until ip -n "$1" link show "$3" >/dev/null 2>&1; do sleep 0.05; done
}

# serve ADDRESS PORT FOLDER starts a web server in B.
serve() {
    run "$B" python3 -m http.server -b "$1" -d "$3" "$2"
    until ip netns exec "$B" ss -Hltn "sport = :$2" | grep -qF "$1"; do sleep 0.05; done
}

# capture NAMESPACE DEVICE FILE OPTION... starts tcpdump; stop ends it.
capture() {
    local ns=$1 dev=$2 file=$3
    shift 3
    : >"$work/tcpdump"
    ip netns exec "$ns" tcpdump -Z root --immediate-mode -B 8192 -U -i "$dev" -w "$file" "$@" 2>"$work/tcpdump" &
    tcpdump+=($!)
    until grep -q 'listening on' "$work/tcpdump"; do sleep 0.05; done
}
stop() {
    sleep 0.6
    for pid in "${tcpdump[@]}"; do kill -INT "$pid"; wait "$pid" || true; done
    tcpdump=()
}

# only drops what the kernel says on its own account.
only='not (icmp6 and ip6[40] >= 130 and ip6[40] <= 143) and not arp'

http() {
    hosts
    mkdir -p "$work/www"
    head -c 20000 /dev/zero | tr '\0' 'x' >"$work/www/large.txt"
    echo '<p>hello' >"$work/www/index.html"
    echo 'nameserver 10.2.0.2' >"/etc/netns/$A/resolv.conf"
    run "$B" $net dns 10.2.0.2 web.example.com=10.2.0.2 web6.example.com=2001:db8:2::2
    serve 10.2.0.2 80 "$work/www"
    serve 2001:db8:2::2 80 "$work/www"
    capture "$A" eth0 "$1/in.pcap" "$only"
    local said='{"url":"%{url_effective}","status":%{http_code},"body_bytes":%{size_download},"header_bytes":%{size_header},"client_port":%{local_port}}\n'
    local url
    for url in http://web.example.com/ http://web.example.com/large.txt http://web6.example.com/large.txt http://web.example.com/missing; do
        in_ "$A" curl -sS -o /dev/null -w "$said" "$url"
    done >"$work/said"
    in_ "$A" curl -s -o /dev/null http://nowhere.example.com/ || true
    stop
    array <"$work/said" >"$1/programs.json"
}

udp_game() {
    hosts
    ip -n "$A" route add local 10.64.0.0/16 dev lo
    ip -n "$R" route add 10.64.0.0/16 via 10.1.0.2
    run "$B" $net game-server 10.2.0.2 31337
    capture "$B" eth0 "$1/in.pcap" udp
    in_ "$A" $net game-clients 10.2.0.2 31337 2500
    stop
    gzip -nf9 "$1/in.pcap"
    echo '{"clients":2500,"questions":2500,"answers":2500}' >"$1/programs.json"
}

iperf_lossy() {
    hosts
    slow_and_lossy
    run "$B" iperf3 -s
    capture "$A" eth0 "$1/sender.pcap" -s 80 tcp
    capture "$B" eth0 "$1/receiver.pcap" -s 80 tcp
    in_ "$A" iperf3 -c 10.2.0.2 -n 1500K -J >"$work/iperf"
    stop
    local full='src 10.1.0.2 and greater 1000'
    python3 - "$work/iperf" "$(tcpdump --count -r "$1/sender.pcap" "$full" 2>/dev/null)" \
        "$(tcpdump --count -r "$1/receiver.pcap" "$full" 2>/dev/null)" >"$1/programs.json" <<'END'
import json, sys
said = json.load(open(sys.argv[1]))
sent = said["end"]["sum_sent"]
print(json.dumps({"client_port": said["start"]["connected"][0]["local_port"],
                  "bytes": sent["bytes"], "retransmits": sent["retransmits"],
                  "large_segments_sent": int(sys.argv[2].split()[0]),
                  "large_segments_arrived": int(sys.argv[3].split()[0])}))
END
    gzip -nf9 "$1/sender.pcap" "$1/receiver.pcap"
}

# slow_and_lossy lets the router drop 2 of 100 packets to B, at 50 Mbit/s, and
# lets A send segments as they are on the wire.
slow_and_lossy() {
    in_ "$R" nft -f - <<'END'
table ip lossy {
    chain forward {
        type filter hook forward priority 0;
        ip daddr 10.2.0.2 meta length > 1000 numgen random mod 100 < 2 drop
    }
}
END
    tc -n "$R" qdisc add dev eth1 root tbf rate 50mbit burst 16k limit 1m
    ip -n "$A" link set eth0 gso_max_segs 1
    ip -n "$R" link set eth1 gso_max_segs 1
}

ping_frag() {
    hosts
    run "$B" $net echo 10.2.0.2 7
    run "$B" $net echo 2001:db8:2::2 7
    capture "$A" eth0 "$1/in.pcap" -s 128 "$only"
    in_ "$A" ping -nq -c 3 -i 0.2 -s 4000 10.2.0.2 >/dev/null
    in_ "$A" ping -nq -c 3 -i 0.2 -s 4000 2001:db8:2::2 >/dev/null
    in_ "$A" ping -nq -c 2 -i 0.2 -s 56 10.2.0.2 >/dev/null
    in_ "$A" $net datagram 10.2.0.2 7 5000
    in_ "$A" $net datagram 2001:db8:2::2 7 5000
    stop
    echo '{"pings":[{"ip_version":4,"count":3,"payload_bytes":4000},{"ip_version":6,"count":3,"payload_bytes":4000},{"ip_version":4,"count":2,"payload_bytes":56}],"udp_payload_bytes":5000}' >"$1/programs.json"
}

tcp_ends() {
    hosts
    run "$B" $net ends-server 10.2.0.2
    in_ "$R" nft 'table ip hole { chain forward { type filter hook forward priority 0; tcp dport 7005 drop; }; }'
    capture "$A" eth0 "$1/in.pcap" tcp or icmp
    in_ "$A" $net ends-client 10.2.0.2
    in_ "$A" curl -s --connect-timeout 2 http://10.2.0.2:7005/ || true
    stop
    cat >"$1/programs.json" <<'END'
{"7001":{"did":"server closes first","state":"SF","history":"ShADafF"},
"7002":{"did":"server resets","state":"RSTR","history":"ShADar"},
"7003":{"did":"client closes first, server answers after that","state":"SF","history":"ShADaFdf"},
"7004":{"did":"refused","state":"REJ","history":"Sr"},
"7005":{"did":"dropped on the way","state":"S0","history":"S"}}
END
}

# pages fetches two pages and pings through an inner network from A to B.
pages() {
    serve "$1" 8080 "$work/www"
    in_ "$A" curl -s -o /dev/null "http://$1:8080/"
    in_ "$A" curl -s -o /dev/null "http://$1:8080/medium.txt"
    in_ "$A" ping -nq -c 2 -i 0.2 "$1" >/dev/null
    echo '{"http_requests":2,"body_bytes":[9,4000],"pings":2}'
}

small_pages() {
    mkdir -p "$work/www"
    echo '<p>hello' >"$work/www/index.html"
    head -c 4000 /dev/zero | tr '\0' 'x' >"$work/www/medium.txt"
}

vlan() {
    hosts
    small_pages
    # B moves to the wire of A, so that frames keep their tags all the way.
    ip -n "$A" link add wire type veth peer name wire netns "$B"
    address "$A" wire
    address "$B" wire
    tunnel "$A" vlan vlan42 wire 42
    tunnel "$B" vlan vlan42 wire 42
    address "$A" vlan42 10.42.0.1/24
    address "$B" vlan42 10.42.0.2/24
    address "$A" wire 10.43.0.1/24
    address "$B" wire 10.43.0.2/24
    ip -n "$A" link set vlan42 mtu 1496
    ip -n "$B" link set vlan42 mtu 1496
    capture "$A" wire "$1/in.pcap" "(ip or vlan) and not icmp6 and not (vlan and icmp6)"
    pages 10.42.0.2 >"$1/programs.json"
    in_ "$A" ping -nq -c 2 -i 0.2 10.43.0.2 >/dev/null
    stop
}

vxlan() {
    hosts
    small_pages
    ip -n "$A" link add vx0 type vxlan id 4242 local 10.1.0.2 remote 10.2.0.2 dstport 4789
    ip -n "$B" link add vx0 type vxlan id 4242 local 10.2.0.2 remote 10.1.0.2 dstport 4789
    address "$A" vx0 10.50.0.1/24
    address "$B" vx0 10.50.0.2/24
    ip -n "$A" link set vx0 mtu 1450
    ip -n "$B" link set vx0 mtu 1450
    sleep 1.5
    capture "$A" eth0 "$1/in.pcap" udp port 4789
    pages 10.50.0.2 >"$1/programs.json"
    stop
}

gre() {
    hosts
    small_pages
    tunnel "$A" gre gre77 10.1.0.2 10.2.0.2 77
    tunnel "$B" gre gre77 10.2.0.2 10.1.0.2 77
    address "$A" gre77 10.60.0.1/24 2001:db8:60::1/64
    address "$B" gre77 10.60.0.2/24 2001:db8:60::2/64
    ip -n "$A" link set gre77 mtu 1400
    ip -n "$B" link set gre77 mtu 1400
    sleep 1.5
    capture "$A" eth0 "$1/in.pcap" proto gre
    pages 10.60.0.2 >"$1/programs.json"
    in_ "$A" ping -nq -c 2 -i 0.2 2001:db8:60::2 >/dev/null
    stop
}

any() {
    hosts
    small_pages
    capture "$R" any "$1/in.pcap" "$only"
    pages 10.2.0.2 >"$1/programs.json"
    stop
}

# array reads JSON values, one a line, and writes them as one array.
array() { sed '1s/^/[/; $!s/$/,/; $s/$/]/'; }

declare -A make=(
    [http-real]=http [udp-game-real]=udp_game [iperf-lossy-real]=iperf_lossy [ping-frag-real]=ping_frag
    [tcp-ends-real]=tcp_ends [vlan-real]=vlan [vxlan-real]=vxlan [gre-real]=gre [any-real]=any
)
[ $# -gt 0 ] || set -- "${!make[@]}"
for name; do
    echo "$name"
    mkdir -p "$out/$name"
    "${make[$name]}" "$out/$name"
done
