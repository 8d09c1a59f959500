#!/usr/bin/env bash
# Runs the transcript of the README as it stands against a server of its own.
# Usage: readme_test.sh PATH-TO-CAIRN
set -euo pipefail
cairn=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
port=18480
# shellcheck source=tests/support/dev_server.sh
source "$root/tests/support/dev_server.sh"

passed=0 failed=0 command='' expected=''
check() {
    [[ -n $command ]] || return 0
    local output pattern
    # Later lines use what earlier ones set, so they run in this shell.
    eval "$command" >"$data.answer" 2>&1 || true
    output=$(tr -d '\r' <"$data.answer" | tr '\n' ' ')
    # Everything but the ellipsis is literal.
    pattern=${expected//\\/\\\\}
    pattern=${pattern//\*/\\*}
    pattern=${pattern//\?/\\?}
    pattern=${pattern//\[/\\[}
    pattern=*${pattern//…/*}*
    # shellcheck disable=SC2053  # the right side is meant as a pattern
    if [[ $output == $pattern ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'not as written: %s\n  expected %s\n  got      %s\n' "$command" "$expected" \
            "${output:0:600}"
    fi
    rm -f "$data.answer"
    command='' expected=''
}

while IFS= read -r line; do
    if [[ $line == '$ '* ]]; then
        check
        command=${line#'$ '}
    else
        expected+=$line
    fi
done < <(sed -n '/^```console$/,/^```$/p' "$root/README.md" | grep -v '^```')
check
# Stopping in order is part of what the README promises.
kill -TERM "$server"
stopped=0
wait "$server" || stopped=$?
if ((stopped != 0)); then
    failed=$((failed + 1))
    echo "the server stopped with status $stopped"
fi
echo "$passed commands of the README answered as written, $failed did not"
((failed == 0 && passed > 5))
