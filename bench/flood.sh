#!/bin/sh
# Floods an interface of a network namespace with SYNs and checks that every packet and flow is stored or
# told. Needs root, ip and sysctl. It takes a minute, or with -full, where the disk of the store is full
# for 25 s, somewhat more.
#
#	bench/flood.sh [-full] [PACKETS-PER-SECOND [SECONDS]]
set -eu
full=
if [ "${1:-}" = -full ]; then
	full=1
	shift
fi
rate=${1:-300000} seconds=${2:-20}
[ -z "$full" ] || { rate=${1:-20000}; seconds=${2:-45}; }
cd "$(dirname "$0")/.."
. bench/wire.sh
mkdir "$dir/store"
[ -z "$full" ] || mount -t tmpfs -o size=300m tmpfs "$dir/store"
begin
before=$(received)
ip netns exec $there "$dir/flood" w1 "$rate" "$seconds" &
sender=$!
if [ -n "$full" ]; then
	sleep 8
	dd if=/dev/zero of="$dir/store/ballast" bs=64k 2>/dev/null || true
	sleep 25
	rm "$dir/store/ballast"
fi
wait $sender
sent=$(($(received) - before))
kill -INT $weir
code=0
wait $weir || code=$?
weir=
cat "$dir/said"
counts
open=$("$dir/weir" query --db "$dir/store/weir.db" --count open:yes)
echo "$sent packets arrived: $read read + $dropped dropped = $((read + dropped))"
echo "$flows flows: $stored stored + $lost told = $((stored + lost)); $open open"
[ $code = 0 ] && [ "$sent" = $((read + dropped)) ] && [ "$flows" = $((stored + lost)) ] && [ "$open" = 0 ]
