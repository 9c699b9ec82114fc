#!/usr/bin/env bash
# Counts the instructions of `daumat scan` over fixed sets of fixtures and compares them with the stored counts.
#
#   benches/instructions.sh [--update] [path/to/daumat]
#
# Instruction counts do not shake with the load of the machine, so a regression of a few per cent can be seen anywhere.
# `start` is a scan of one empty folder: what every run pays. Exit 1 when a set needs more than 1.10 times the stored count.
set -euo pipefail
cd "$(dirname "$0")/.."

update=no
if [[ ${1:-} == --update ]]; then
    update=yes
    shift
fi
daumat=${1:-target/release/daumat}
stored=benches/runs/instructions.json
limit=1.10

[[ -x $daumat ]] || { echo "no binary at $daumat; hint: cargo build --release" >&2; exit 2; }
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 2; }

empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT

count() { # SET PATH...
    local set=$1
    shift
    local log="$empty.$set.log" status=0
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$daumat" scan --isolation none -j1 -f paths --exit-zero "$@" \
        >/dev/null 2>"$log" || status=$?
    local n
    n=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log" | tail -1)
    if [[ $status -ne 0 || -z $n ]]; then
        echo "$set: exit $status" >&2
        tail -5 "$log" >&2
        rm -f "$log"
        exit 2
    fi
    rm -f "$log"
    echo "$n"
}

declare -A now
sets=(start txt html docx xlsx pptx odf pdf eml zip)
for set in "${sets[@]}"; do
    case $set in
        start) now[$set]=$(count start "$empty") ;;
        odf) now[$set]=$(count odf fixtures/odt fixtures/ods fixtures/odp) ;;
        *) now[$set]=$(count "$set" "fixtures/$set") ;;
    esac
done

was() { sed -n "s/^ *\"$1\": \([0-9]*\),\{0,1\}$/\1/p" "$stored" 2>/dev/null || true; }

worse=0
printf '%-6s %15s %15s %7s\n' set now stored ratio
for set in "${sets[@]}"; do
    old=$(was "$set")
    if [[ -z $old ]]; then
        printf '%-6s %15d %15s %7s\n' "$set" "${now[$set]}" - -
        continue
    fi
    printf '%-6s %15d %15d %7.3f\n' "$set" "${now[$set]}" "$old" "$(awk "BEGIN { print ${now[$set]} / $old }")"
    awk "BEGIN { exit !(${now[$set]} > $limit * $old) }" && worse=1
done

if [[ $update == yes || ! -f $stored ]]; then
    mkdir -p "$(dirname "$stored")"
    {
        echo '{'
        for set in "${sets[@]}"; do
            [[ $set == "${sets[-1]}" ]] && comma='' || comma=,
            printf '    "%s": %d%s\n' "$set" "${now[$set]}" "$comma"
        done
        echo '}'
    } >"$stored"
    echo "stored in $stored"
    exit 0
fi
exit "$worse"
