# shellcheck shell=bash
# A server of its own for a test of the shell: takes $cairn and $port, sets $data, $server, URL,
# TOKEN and CAIRN, and goes with the test.
# shellcheck disable=SC2154  # the two are the test's
data=$(mktemp -d -t cairn-shell-test.XXXXXX)
"$cairn" dev --data-dir "$data" --port "$port" >"$data.out" 2>&1 &
server=$!
stop() {
    local status=0
    # One that has ended already was waited for by the test.
    if kill -TERM "$server" 2>/dev/null; then wait "$server" || status=$?; fi
    rm -rf "$data" "$data".*
    ((status == 0)) || { echo "the server ended with $status" && exit "$status"; }
}
trap stop EXIT

for _ in $(seq 300); do
    grep -q 'Ctrl-C' "$data.out" && break
    kill -0 "$server" 2>/dev/null || { cat "$data.out"; exit 1; }
    sleep 0.1
done
export URL=http://127.0.0.1:$port
TOKEN=$(cat "$data/token")
CAIRN="$cairn --data-dir $data"
export TOKEN CAIRN
