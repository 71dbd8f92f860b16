#!/usr/bin/env bash
# Captures the same flood with tcpdump and with pkt, at the same time on the same
# interface, and prints CPU seconds for a million packets, and what was lost.
# usage: bench/live.sh [SECONDS [BYTES [PACKETS/S [RUNS]]]]   needs root and tcpdump
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10} bytes=${2:-64} rate=${3:-0} runs=${4:-3}
dir=$(mktemp -d)
a=pktbench-$$-a b=pktbench-$$-b
trap 'ip netns del $a; ip netns del $b; rm -r "$dir"' EXIT
CGO_ENABLED=0 go build -o "$dir/pkt" ./cmd/pkt
CGO_ENABLED=0 go build -o "$dir/flood" ./bench/flood
ip netns add $a
ip netns add $b
ip -n $a link add bench0 type veth peer name bench1 netns $b
for end in "$a bench0" "$b bench1"; do
  set -- $end
  ip netns exec "$1" sysctl -qw net.ipv6.conf."$2".disable_ipv6=1
  ip -n "$1" link set "$2" up
done

tools=(
  "tcpdump -i bench1 -B 65536 -w /dev/null"
  "$dir/pkt dump -i bench1 -w /dev/null"
  "$dir/pkt top -i bench1 --by flow --once --duration 1h -o json"
)
ticks=$(getconf CLK_TCK)
cpu() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; } # behind the name, utime and stime
for ((run = 0; run < runs; run++)); do
  pids=() before=()
  for i in "${!tools[@]}"; do
    # shellcheck disable=SC2086
    ip netns exec $b ${tools[i]} >/dev/null 2>"$dir/$i" &
    pids[i]=$!
  done
  sleep 1.5
  for i in "${!tools[@]}"; do before[i]=$(cpu "${pids[i]}"); done
  sent=$(ip netns exec $a "$dir/flood" bench0 "$bytes" "$seconds" "$rate")
  sleep 0.5
  echo "$sent packets, $((sent / seconds / 1000)) thousand a second"
  for i in "${!tools[@]}"; do
    used=$(($(cpu "${pids[i]}") - before[i]))
    kill -INT "${pids[i]}"
    wait "${pids[i]}" || true
    awk -v used=$used -v ticks="$ticks" -v sent="$sent" -v tool="${tools[i]#"$dir/"}" -v lost="$(grep dropped "$dir/$i" | tail -n 1)" \
      'BEGIN { printf "  %.3f s/Mpkt  %s: %s\n", used / ticks / sent * 1e6, tool, lost }'
  done
done
