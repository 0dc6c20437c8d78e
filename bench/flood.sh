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
dir=$(mktemp -d)
here=weir-flood-$$ there=weir-from-$$
clean() {
	[ -z "${weir:-}" ] || kill "$weir" 2>/dev/null || true
	ip netns del $here 2>/dev/null || true
	ip netns del $there 2>/dev/null || true
	umount "$dir/store" 2>/dev/null || true
	rm -rf "$dir"
}
trap clean EXIT
CGO_ENABLED=0 go build -o "$dir/weir" .
CGO_ENABLED=0 go build -o "$dir/flood" ./bench/flood
for ns in $here $there; do
	ip netns add $ns
	ip netns exec $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
ip -n $here link add w0 type veth peer name w1 netns $there
ip -n $here link set w0 up
ip -n $there link set w1 up
mkdir "$dir/store"
[ -z "$full" ] || mount -t tmpfs -o size=300m tmpfs "$dir/store"
received() { ip netns exec $here cat /sys/class/net/w0/statistics/rx_packets; }
ip netns exec $here "$dir/weir" capture -i w0 --db "$dir/store/weir.db" 2>"$dir/said" &
weir=$!
while ! grep -q 'capturing on' "$dir/said"; do sleep 0.1; done
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
told() { # the number before some words in the last lines
	n=$(grep -E '^weir: ([0-9]+ packets, [0-9]+ flows$|lost: )' "$dir/said" | grep -oE "[0-9]+ $1" | head -n 1) || true
	echo "${n%% *}" | grep . || echo 0
}
stored=$("$dir/weir" query --db "$dir/store/weir.db" --count)
open=$("$dir/weir" query --db "$dir/store/weir.db" --count open:yes)
read=$(told packets,) dropped=$(told 'packets dropped') flows=$(told 'flows$') lost=$(told 'flows not stored')
echo "$sent packets arrived: $read read + $dropped dropped = $((read + dropped))"
echo "$flows flows: $stored stored + $lost told = $((stored + lost)); $open open"
[ $code = 0 ] && [ "$sent" = $((read + dropped)) ] && [ "$flows" = $((stored + lost)) ] && [ "$open" = 0 ]
