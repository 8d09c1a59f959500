#!/usr/bin/env bash
# modules.sh: prints the directory of node_modules that package-lock.json asks for. It is made once a
# lock file, by npm and with its checksums, below build/; exit status 77 and a reason on stderr when
# it cannot be made here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
hash=$(sha256sum "$here/package-lock.json")
home=$here/../../build/npm/${hash:0:12}

if [[ ! -d $home/node_modules ]]; then
    command -v npm >/dev/null || {
        echo 'npm is not installed here' >&2
        exit 77
    }
    mkdir -p "${home%/*}"
    making=$(mktemp -d "${home%/*}/making.XXXXXX")
    trap 'rm -rf "$making"' EXIT
    cp "$here/package.json" "$here/package-lock.json" "$making"
    (cd "$making" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 || {
        echo 'npm could not fetch the modules' >&2
        exit 77
    }
    mv -T "$making" "$home" || [[ -d $home/node_modules ]]
fi
printf '%s\n' "$home/node_modules"
