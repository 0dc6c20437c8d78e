#!/usr/bin/env bash
# Compares weir with the flow tools in Debian. Each tool reads the same capture
# file from a warm page cache into its native storage, in alternating rounds.
# Prints the medians of wall time, CPU time (user and system) and peak memory,
# absolute and relative to weir, and the records and packets that each tool
# counted, to show that all of them processed the whole file.
#
#   weir       its store                    nfpcapd    nfdump files
#   argus      its record file              softflowd  nothing: a lower bound
#   tshark     nothing: prints TCP and UDP conversations; first round only
#
# Record counts follow each tool's definition: nfpcapd has one record per
# direction, argus one per flow and minute. If a run failed, the line of the tool
# ends with the error. Missing tools are skipped.
#   ROUNDS      runs per tool (default 5)
#   LIMIT       seconds per capture after which no new round starts (default 180)
#   WEIR_PCAPS  directory of bigmix.pcap (default ../shared/pcaps)
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
rounds=${ROUNDS:-5} limit=${LIMIT:-180} pcaps=${WEIR_PCAPS:-../shared/pcaps}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

tools=(weir)
for peer in nfpcapd:nfdump argus:argus-server softflowd:softflowd tshark:tshark; do
  if command -v "${peer%:*}" >/dev/null; then
    tools+=("${peer%:*}")
  else
    echo "left out: ${peer%:*} (Debian package ${peer#*:})"
  fi
done
command -v racount >/dev/null || echo "argus's records are not counted without racount (Debian package argus-client)"

run() { # tool, capture: runs the tool once and appends a line to $tmp/runs
  rm -rf "$tmp/out" && mkdir "$tmp/out"
  local cmd
  case $1 in
    weir) cmd=("$tmp/weir" capture -r "$2" --db "$tmp/out/weir.db") ;;
    nfpcapd) cmd=(nfpcapd -r "$2" -w "$tmp/out") ;;
    argus) cmd=(argus -X -r "$2" -w "$tmp/out/argus") ;; # -X: ignore /etc/argus.conf
    softflowd) cmd=(softflowd -6 -r "$2" -m 10000000 -p "$tmp/pid" -c none) ;; # with a control socket, 1.1.0 can hang
    tshark) cmd=(tshark -n -r "$2" -q -z "conv,tcp" -z "conv,udp") ;;
  esac
  echo "$1 $("$tmp/measure" 2m "$tmp/log" "${cmd[@]}")" >>"$tmp/runs"
}

counted() { # tool: prints the records and packets counted by its last run
  case $1 in
    weir) sed -n 's/^weir: \([0-9]*\) packets, \([0-9]*\) flows$/\2 \1/p' "$tmp/log" ;;
    nfpcapd) nfdump -R "$tmp/out" -I | awk '$1 == "Flows:" { f = $2 } $1 == "Packets:" { p = $2 } END { print f, p }' ;;
    argus) if command -v racount >/dev/null; then racount -r "$tmp/out/argus" | awk '$1 == "sum" { print $2, $3 }'; fi ;;
    softflowd) awk '/^Packets processed:/ { p = $3 } /^Flows expired:/ { f = $3 } END { print f, p }' "$tmp/log" ;;
    tshark) awk '$2 == "<->" { f++; p += $10 } END { print f + 0, p + 0 }' "$tmp/log" ;;
  esac
}

table() { # prints the medians of $tmp/runs with the counts of $tmp/counts
  awk '
    function median(tool, field,   n, i, j, x, v) {
      for (n = 1; n <= runs[tool]; n++) {
        x = took[tool, n, field]
        for (i = n; i > 1 && v[i - 1] > x; i--) v[i] = v[i - 1]
        v[i] = x
      }
      return v[int(n / 2)]
    }
    NR == FNR { records[$1] = $2; packets[$1] = $3; next }
    {
      if (!runs[$1]++) order[++tools] = $1
      for (i = 2; i <= 4; i++) took[$1, runs[$1], i] = $i
      for (words = ""; i <= NF; i++) words = words " " $i
      if (words != "") ended[$1] = words
    }
    END {
      print "tool        runs   wall s  x weir    cpu s  x weir  peak MB  x weir   records   packets"
      for (t = 1; t <= tools; t++) {
        tool = order[t]
        printf "%-10s %5d", tool, runs[tool]
        for (i = 2; i <= 4; i++) {
          m = median(tool, i)
          if (tool == "weir") own[i] = m
          printf (i == 4 ? " %8.0f" : " %8.2f"), m
          if (own[i] > 0) printf " %7.2f", m / own[i]; else printf " %7s", "-"
        }
        printf " %9s %9s%s\n", records[tool], packets[tool], ended[tool]
      }
    }' "$tmp/counts" "$tmp/runs"
}

compare() { # capture
  echo && echo "== $(basename "$1"), $(($(stat -c %s "$1") / 1000000)) MB"
  cat "$1" >/dev/null
  : >"$tmp/runs" && : >"$tmp/counts"
  local round tool deadline=$((SECONDS + limit))
  for ((round = 1; round <= rounds; round++)); do
    [ "$round" = 1 ] || [ "$SECONDS" -lt "$deadline" ] || break
    for tool in "${tools[@]}"; do
      if [ "$tool" != tshark ] || [ "$round" = 1 ]; then
        run "$tool" "$1"
        [ "$round" != 1 ] || echo "$tool $(counted "$tool")" >>"$tmp/counts"
      fi
    done
  done
  table
}

go build -trimpath -o "$tmp/weir" .
go build -o "$tmp/" ./bench/genpcap ./bench/measure
"$tmp/genpcap" -kind mix -packets 2000000 -flows 200000 -o "$tmp/mix.pcap"
"$tmp/genpcap" -kind flood -packets 1000000 -o "$tmp/flood.pcap"
compare "$tmp/mix.pcap"
if [ -e "$pcaps/bigmix.pcap" ]; then
  compare "$pcaps/bigmix.pcap"
else
  echo && echo "left out: no $pcaps/bigmix.pcap (see WEIR_PCAPS)"
fi
compare "$tmp/flood.pcap"
