#!/usr/bin/env bash
# Others' implementations of CloudEvents and Standard Webhooks read what a server publishes.
# Usage: conformance_test.sh PATH-TO-CAIRN; exit status 77: skipped, with the reason.
set -euo pipefail
cairn=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
skip() {
    echo "skipped: $1"
    exit 77
}
command -v node >/dev/null || skip 'node is not installed here'
modules=$("$here/modules.sh") || skip 'the npm modules are not there, see above'

port=18490
data=$(mktemp -d /tmp/cairn-npm.XXXXXX)
CAIRN_HTTP__ADMIN_LISTEN=127.0.0.1:18491 "$cairn" dev --data-dir "$data" --port "$port" \
    >"$data.out" 2>&1 &
server=$!
stop() {
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || true
    rm -rf "$data" "$data.out"
}
trap stop EXIT
for _ in $(seq 600); do
    grep -q 'Ctrl-C' "$data.out" && break
    kill -0 "$server" 2>/dev/null || { cat "$data.out"; exit 1; }
    sleep 0.1
done
NODE_PATH=$modules node "$here/conformance.js" "http://127.0.0.1:$port" "$(cat "$data/token")"
