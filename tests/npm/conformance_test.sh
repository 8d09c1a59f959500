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
# shellcheck source=tests/support/dev_server.sh
source "$here/../support/dev_server.sh"
NODE_PATH=$modules node "$here/conformance.js" "$URL" "$TOKEN"
