# shellcheck shell=bash
# Messages, durations and package lists, shared by every script under ops/.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly checkout

# Exit codes, the same as those of the cairn command.
readonly exit_failed=1 exit_usage=2 exit_unavailable=7
export exit_failed exit_usage exit_unavailable

# Messages go to stderr, so that the output of a command run by ops/shell stays clean.
say() {
    printf '%s\n' "$*" >&2
}

# fail CODE MESSAGE…: the first line says what is wrong, further ones what to do.
fail() {
    local code=$1 line
    shift
    say "error: $1"
    shift
    for line in "$@"; do say "       $line"; done
    exit "$code"
}

usage_error() {
    fail "$exit_usage" "$1" "Try '${0##*/} --help'."
}

# Prints the comment block at the top of a script, which is its help text.
print_help() {
    sed -n '2,/^[^#]/{s/^# \{0,1\}//;/^set /q;/^[^#]/p;/^$/p}' "$1"
}

# now_ms: milliseconds since the epoch, without starting a process.
now_ms() {
    local now=$EPOCHREALTIME
    printf '%s' $((10#${now/[.,]/} / 1000))
}

# took START_MS: the time since then, as "12.3 s".
took() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

# step NAME COMMAND…: runs it with its output visible, and says how long it took.
step() {
    local name=$1 start status=0
    shift
    start=$(now_ms)
    say "── $name"
    "$@" || status=$?
    if ((status == 0)); then
        say "── $name: $(took "$start")"
    else
        say "── $name: failed with status $status after $(took "$start")"
    fi
    return "$status"
}

# packages run|test: the names in the lists, without comments; test means both lists.
packages() {
    local lists=("$checkout/ops/packages.txt")
    if [[ $1 == 'test' ]]; then lists+=("$checkout/ops/packages-test.txt"); fi
    sed -E 's/#.*//; s/[[:space:]]+//g; /^$/d' "${lists[@]}"
}
