#!/usr/bin/env bash
# Compresses the plain capture of the case "compressed" by zstd, lz4 and xz.
set -euo pipefail
cd "$(dirname "$0")/../pcaps/compressed"
zstd -qf19 plain.pcap -o in.pcap.zst
lz4 -qf9 plain.pcap in.pcap.lz4
xz -kcf plain.pcap >in.pcap.xz
