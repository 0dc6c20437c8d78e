#!/bin/sh
# Injects errors of system calls into a capture under load, and into a search, and checks that every packet and
# flow is stored or counted as lost, and that nothing crashes or hangs. Needs root, ip, sysctl and strace. Each case
# takes about 12 s.
#
#	bench/faults.sh [CALL:ERRNO...]
set -eu
cd "$(dirname "$0")/.."
. bench/wire.sh
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
	begin
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
	timeout 60 tail --pid=$weir -f /dev/null || { fail "it does not end within 60 s"; kill -KILL $weir; }
	wait $weir || code=$?
	weir=
	wait $tracer 2>/dev/null || true
	counts || fail "the store can't be read"
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
