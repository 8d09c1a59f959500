#!/usr/bin/env bash
# tests/import_test.sh CAIRN
#
# Files on the command line against a server of its own: what lands, what a second run adds, how it
# goes on after a stop, and what happens to what was taken back.
set -euo pipefail
[[ $# -eq 1 && -x $1 ]] || { echo "usage: ${0##*/} CAIRN" >&2 && exit 2; }
cairn=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
port=18484
# shellcheck source=tests/support/dev_server.sh
source "$root/tests/support/dev_server.sh"
passed=0 failed=0

ok() {
    if [[ $2 == "$3" ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s: expected %s, got %s\n' "$1" "$3" "$2"
    fi
}

send() {
    curl -sS "$URL$1" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
        -H "Idempotency-Key: $2" -d "$3"
}

# import FILE FLAG…: the counts as accepted/rejected/rows_known, then the exit code.
import() {
    local code=0
    "$cairn" --data-dir "$data" metrics import "$@" --tenant "$tenant" --json \
        >"$data.counts" 2>"$data.err" || code=$?
    printf '%s %s' "$(jq -r '"\(.accepted)/\(.rejected)/\(.rows_known)"' "$data.counts")" "$code"
}

total() {
    curl -sS "$URL/v1/metrics/$1/series?grain=quarter&from=2024-01-01&to=2026-01-01" \
        -H "Authorization: Bearer $TOKEN" | jq '[.points[]?.value // "0" | tonumber] | add'
}

# eventually NAME WANTED METRIC: the read model follows within seconds.
eventually() {
    local got=''
    for _ in $(seq 100); do
        got=$(total "$3")
        [[ $got == "$2" ]] && break
        sleep 0.1
    done
    ok "$1" "$got" "$2"
}

tenant=$(curl -sS "$URL/v1/tenant" -H "Authorization: Bearer $TOKEN" | jq -er .id)
for key in till guests; do
    send /v1/metrics "define-$key" "{\"key\":\"$key\",\"name\":\"$key\",\"unit\":\"count\"}" \
        >/dev/null
done
csv=$data.csv
{
    echo Day,Till,Guests
    for n in $(seq 0 12000); do
        printf '%(%Y-%m-%dT%H:%M:%SZ)T,2,1\n' $((1709251200 + n * 3600))
    done
} >"$csv"
till=(--at Day --value Till --metric-key till)
guests=(--at Day --value Guests --metric-key guests)

ok 'what would be taken' "$(import "$csv" "${till[@]}" --dry-run)" '12001/0/0 0'
ok 'one column' "$(import "$csv" "${till[@]}")" '12001/0/0 0'
eventually 'its sum' 24002 till
ok 'the same again adds nothing' "$(import "$csv" "${till[@]}")" '0/0/12001 0'
ok 'another column of the same file' "$(import "$csv" "${guests[@]}")" '12001/0/0 0'
eventually 'the sum of the other' 12001 guests

# The newest first: of the full batches the last is the till's; it is taken back.
batch=$(curl -sS "$URL/v1/metrics/batches?limit=50" -H "Authorization: Bearer $TOKEN" |
    jq -r '[.items[] | select(.received == 5000 and .source == "csv")][-1].id // empty')
[[ -n $batch ]] || ok 'a batch to take back' none some
send "/v1/metrics/batches/$batch/revert" revert-1 '{"reason":"Wrong till."}' >/dev/null
for _ in $(seq 100); do
    ok_notes=$(import "$csv" "${till[@]}"; jq -r '.notes // empty' "$data.counts"; cat "$data.err")
    [[ $ok_notes == *'taken back'* ]] && break
    sleep 0.1
done
ok 'a batch that was taken back is told' "$([[ $ok_notes == *'taken back since'* ]] && echo told)" told
ok 'under another name it lands' "$(import "$csv" "${till[@]}" --run again)" '12001/0/0 0'
eventually 'everything counts once' 24002 till

printf 'Day,Till\n2025-07-20,nonsense\n2025-07-21,5\n' >"$data.bad.csv"
ok 'bad rows are told, good ones land' "$(import "$data.bad.csv" "${till[@]}")" '1/1/0 8'

# A stretch of bad rows only is kept as its rejects, and can still land once its rows are good.
{
    echo Day,Key,Value
    for n in $(seq 1 5000); do echo "2025-08-01,tills,$n"; done
    echo 2025-08-02,till,5
} >"$data.stretch.csv"
ok 'a stretch of bad rows' "$(import "$data.stretch.csv" --at Day --value Value --metric Key)" \
    '1/5000/0 8'
listed() {
    local bad
    bad=$(curl -sS "$URL/v1/metrics/batches?limit=50" -H "Authorization: Bearer $TOKEN" |
        jq -r '[.items[] | select(.rejected == 5000)] | "\(length) \(.[0].source) \(.[0].id)"')
    curl -sS "$URL/v1/metrics/batches/${bad##* }/rejects?limit=1" \
        -H "Authorization: Bearer $TOKEN" | jq -r --arg of "${bad% *}" '"\($of) \(.items[0].line)"'
}
for _ in $(seq 100); do
    [[ $(listed 2>/dev/null) == '1 csv 2' ]] && break
    sleep 0.1
done
ok 'its rejects are listed' "$(listed)" '1 csv 2'
ok 'again it is known' "$(import "$data.stretch.csv" --at Day --value Value --metric Key)" \
    '0/5000/1 8'
send /v1/metrics define-tills '{"key":"tills","name":"Tills","unit":"count"}' >/dev/null
ok 'once it is good it lands' "$(import "$data.stretch.csv" --at Day --value Value --metric Key)" \
    '5000/0/1 0'
curl -sS -X DELETE "$URL/v1/metrics/tills" -H "Authorization: Bearer $TOKEN" \
    -H 'Idempotency-Key: archive-tills' >/dev/null
ok 'what has landed is no reject' "$(import "$data.stretch.csv" --at Day --value Value --metric Key)" \
    '0/0/5001 0'

# A stop between two batches loses nothing: the next run goes on.
{
    cat "$csv"
    for n in $(seq 12001 60000); do
        printf '%(%Y-%m-%dT%H:%M:%SZ)T,2,1\n' $((1577836800 + (n - 12001) * 900))
    done
} >"$data.long.csv"
code=0
timeout -s INT 0.7 "$cairn" --data-dir "$data" metrics import "$data.long.csv" "${till[@]}" \
    --tenant "$tenant" --json >"$data.counts" 2>"$data.err" || code=$?
first=$(jq -r '.accepted // 0' "$data.counts" 2>/dev/null || echo 0)
rest=$(import "$data.long.csv" "${till[@]}")
known=$(jq -r .rows_known "$data.counts")
accepted=$(jq -r .accepted "$data.counts")
ok 'both runs together took every row' $((known + accepted)) 60001
ok 'the second run knew what the first one took' "$known" "${first:-0}"
ok 'it ended well' "${rest##* }" 0

echo "$passed passed, $failed failed"
((failed == 0))
