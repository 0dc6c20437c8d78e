#!/bin/sh
# Injects errors of system calls into a capture under load, and into a search, and checks that every packet and
# flow is stored or counted as lost, and that nothing crashes or hangs. Needs root, ip, sysctl and strace. Each case
# takes about 12 s.
#
#	bench/faults.sh [CALL:ERRNO...]
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
here=weir-fault-$$ there=weir-from-$$
clean() {
	[ -z "${weir:-}" ] || kill -KILL "$weir" 2>/dev/null || true
	ip netns del $here 2>/dev/null || true
	ip netns del $there 2>/dev/null || true
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
told() { # the number before some words in the last lines
	n=$(grep -E '^weir: ([0-9]+ packets, [0-9]+ flows$|lost: )' "$dir/said" | grep -oE "[0-9]+ $1" | head -n 1) || true
	echo "${n%% *}" | grep . || echo 0
}
inject() { # call:errno; mappings are only made to fail where they are of a file
	case $1 in
	mmap:*) echo "-P $dir/store/weir.db -P $dir/store/weir.db-shm -e inject=${1%:*}:error=${1#*:}" ;;
	openat:*) echo "-P $dir/store/weir.db -P $dir/store/weir.db-wal -P $dir/store/weir.db-shm -e inject=${1%:*}:error=${1#*:}" ;;
	*) echo "-e inject=${1%:*}:error=${1#*:}" ;;
	esac
}
failed=
fail() {
	echo "  WRONG: $*"
	failed=1
}
capture() { # call:errno, until the errors end: 3 (seconds) or end (of the capture)
	rm -rf "$dir/store"
	mkdir "$dir/store"
	ip netns exec $here "$dir/weir" capture -i w0 --db "$dir/store/weir.db" 2>"$dir/said" &
	weir=$!
	while ! grep -q 'capturing on' "$dir/said"; do sleep 0.1; done
	before=$(received)
	ip netns exec $there "$dir/flood" w1 10000 8 >/dev/null &
	sender=$!
	sleep 2
	# shellcheck disable=SC2046
	strace -f -qq -o "$dir/trace" $(inject "$1") -p $weir &
	tracer=$!
	[ "$2" = end ] || { sleep "$2"; kill -INT $tracer; }
	wait $sender
	sent=$(($(received) - before))
	kill -INT $weir
	code=0
	timeout 60 tail --pid=$weir -f /dev/null || fail "it does not end within 60 s" && wait $weir || code=$?
	weir=
	wait $tracer 2>/dev/null || true
	stored=$("$dir/weir" query --db "$dir/store/weir.db" --count) || fail "the store can't be read"
	read=$(told packets,) dropped=$(told 'packets dropped') flows=$(told 'flows$') lost=$(told 'flows not stored')
	echo "$1 for $2: $(grep -c INJECTED "$dir/trace") errors; exit $code; $sent packets = $read read + $dropped dropped; $flows flows = $stored stored + $lost told"
	grep -vE 'capturing on|^weir: [0-9]+ packets, ' "$dir/said" | sed 's/^/  /' || true
	# What arrives while an interface is not captured is told as a time.
	[ "$sent" = $((read + dropped)) ] || grep -q 'not captured for' "$dir/said" || fail "packets"
	[ "$flows" = $((stored + lost)) ] || fail "flows"
	! grep -qE 'panic|goroutine|fatal error' "$dir/said" || fail "it crashed"
}
search() { # call:errno
	code=0
	# shellcheck disable=SC2046
	timeout 60 strace -f -qq -o "$dir/trace" $(inject "$1") "$dir/weir" query --db "$dir/store/weir.db" --count >"$dir/count" 2>"$dir/said" || code=$?
	echo "$1 in a search: $(grep -c INJECTED "$dir/trace") errors; exit $code; $(cat "$dir/count")"
	sed 's/^/  /' "$dir/said"
	[ $code != 124 ] || fail "it hangs"
	! grep -qE 'panic|goroutine|fatal error' "$dir/said" || fail "it crashed"
	[ $code != 0 ] || [ "$(cat "$dir/count")" = "$whole" ] || fail "$whole flows are stored"
}
cases=${*:-pwrite64:EIO pwrite64:ENOSPC pwrite64:EROFS pwrite64:EDQUOT pwrite64:EAGAIN fsync:EIO fsync:ENOSPC fsync:EDQUOT ftruncate:EIO ftruncate:ENOSPC ftruncate:EROFS pread64:EIO pread64:EAGAIN mmap:ENOMEM mmap:EAGAIN openat:EIO openat:ENOSPC openat:EROFS openat:EDQUOT ppoll:EAGAIN ppoll:EIO ppoll:EINTR write:EINTR}
for c in $cases; do
	capture "$c" 3
done
for c in $cases; do
	case $c in ppoll:* | mmap:* | openat:* | pwrite64:EAGAIN | *:EINTR) ;; *) capture "$c" end ;; esac
done
whole=$("$dir/weir" query --db "$dir/store/weir.db" --count)
for c in pread64:EIO pread64:EAGAIN mmap:ENOMEM openat:EIO openat:EACCES openat:EMFILE fstat:EIO read:EIO; do
	search "$c"
done
[ -z "$failed" ]
