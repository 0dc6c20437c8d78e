#!/bin/sh
# make.sh regenerates the pictures of the documentation from weir --demo.
# Requires go and the Debian packages tmux, chromium and fonts-dejavu-core.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
export XDG_STATE_HOME="$work" XDG_CONFIG_HOME="$work" TZ=America/New_York
go build -o "$work/bin/weir" ../..
go build -o "$work/bin/pictures" .
tmux="tmux -L weir-pictures-$$ -f /dev/null"
trap '$tmux kill-server 2>/dev/null || true; rm -rf "$work"' EXIT

# picture NAME COLUMNSxROWS KEYS... captures the screen after pressing the keys,
# which have tmux names; "text:…" is typed literally, "wait:…" waits for a pattern.
picture() {
	name=$1 columns=${2%x*} rows=${2#*x}
	shift 2
	style=bg=black
	case $name in *light*) style=bg=white ;; esac
	$tmux new-session -d -s "$name" -x "$columns" -y "$rows" "sleep 1; env COLORTERM=truecolor $work/bin/weir --demo --node noc"
	$tmux set -g status off
	$tmux set -g window-style "$style"
	$tmux resize-window -t "$name" -x "$columns" -y "$rows"
	await "LIVE [0-9]" # flows per second: the history is complete
	for key in "$@"; do
		case $key in
		wait:*) await "${key#wait:}" ;;
		text:*) $tmux send-keys -t "$name" -l "${key#text:}" ;;
		*) $tmux send-keys -t "$name" "$key" ;;
		esac
		sleep 0.3
	done
	sleep 1
	light=
	case $name in *light*) light=-light ;; esac
	$tmux capture-pane -t "$name" -epN | "$work/bin/pictures" $light >"$work/$name.svg"
	$tmux kill-session -t "$name"
	shoot "$name" $((columns * 9 + 16)) $((rows * 17 + 16))
}

# await waits until the screen shows a pattern.
await() {
	tries=0
	until $tmux capture-pane -t "$name" -p | grep -q "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || { echo "make.sh: $name never shows $1" >&2; exit 1; }
		sleep 0.2
	done
}

# shoot renders a picture as PNG.
shoot() {
	chromium --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$work/chromium" --hide-scrollbars \
		--window-size="$2,$3" --screenshot="$PWD/$1.png" "file://$work/$1.svg" >/dev/null 2>&1
	[ -s "$1.png" ] || { echo "make.sh: chromium wrote no $1.png" >&2; exit 1; }
}

picture flows 120x30 j j j
picture flows-80 80x24
picture details 120x30 / text:flags:rst Enter "wait:reset" j Enter
picture conversation 120x36 / text:"proto:tcp anynode:dc-2" Enter wait:dc-2 j j j x wait:Result
picture search 100x30 f
picture filter 100x30 / text:"proto:tcp dpotr:443"
picture nodes 100x30 n wait:Enter
picture flags 100x30 j t
picture talkers 120x30 2 a a wait:destination
picture timeline 120x30 3 wait:flows h h h h Space h h h h h h
picture health 100x30 4
picture columns 100x30 c
picture commands 100x30 : text:co
picture export 100x30 E wait:Format
picture help 100x40 ?
picture theme-light 120x30 j j j
