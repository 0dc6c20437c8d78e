# Two network namespaces with a veth pair between them, w0 here and w1 there, and what a capture on w0 said. For the
# scripts in this folder, which are in the project's folder when they read this; dir is removed when they end.
dir=$(mktemp -d)
here=weir-here-$$ there=weir-there-$$
weir=
clean() {
	[ -z "$weir" ] || kill -KILL "$weir" 2>/dev/null || true
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
received() { ip netns exec $here cat /sys/class/net/w0/statistics/rx_packets; }
begin() { # starts the capture, of process $weir
	ip netns exec $here "$dir/weir" capture -i w0 --db "$dir/store/weir.db" 2>"$dir/said" &
	weir=$!
	while ! grep -q 'capturing on' "$dir/said"; do sleep 0.1; done
}
told() { # the number before some words in the last lines
	n=$(grep -E '^weir: ([0-9]+ packets, [0-9]+ flows$|lost: )' "$dir/said" | grep -oE "[0-9]+ $1" | head -n 1) || true
	echo "${n%% *}" | grep . || echo 0
}
counts() { # sets what was read, dropped, metered, stored and told as lost
	read=$(told packets,) dropped=$(told 'packets dropped') flows=$(told 'flows$') lost=$(told 'flows not stored')
	stored=$("$dir/weir" query --db "$dir/store/weir.db" --count)
}
