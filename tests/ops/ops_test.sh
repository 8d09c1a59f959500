#!/usr/bin/env bash
# Tests of the scripts under ops/: what they promise on the command line, and that they are clean.
# Prints one line a test, and fails when any of them does.
# shellcheck disable=SC2317  # check calls the functions below by their names.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

failures=0

# check NAME COMMAND…: the command must succeed; what it printed is shown when it does not.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        printf 'ok - %s\n' "$name"
    else
        printf 'not ok - %s\n%s\n' "$name" "$output"
        failures=$((failures + 1))
    fi
}

# exits STATUS COMMAND…: true when the command ends with this status.
exits() {
    local wanted=$1 status=0
    shift
    "$@" || status=$?
    printf 'status %d, expected %d\n' "$status" "$wanted"
    ((status == wanted))
}

# says PATTERN COMMAND…: true when the command succeeds and prints a line that matches.
says() {
    local pattern=$1 output
    shift
    output=$("$@" 2>&1) || return
    printf '%s\n' "$output"
    grep -qE -- "$pattern" <<<"$output"
}

# Every file here that starts as a bash script, or is a part of one.
scripts() {
    grep -rlE -m 1 '^#!/usr/bin/env bash|^# shellcheck shell=bash' ops tests/ops .ci | sort
}

lines_are_short() {
    local -a names
    mapfile -t names < <(scripts)
    ! grep -nE '^.{101,}' "${names[@]}"
}

listed() {
    sed -E 's/#.*//; s/[[:space:]]+//g; /^$/d' "$@"
}

no_duplicates() {
    local twice
    twice=$(listed ops/packages.txt ops/packages-test.txt | sort | uniq -d)
    printf '%s\n' "$twice"
    [[ -z $twice ]]
}

all_installed() {
    local -a names
    mapfile -t names < <(listed ops/packages.txt)
    dpkg-query -W "${names[@]}"
}

# Another list must lead to another root directory, and the same one always to the same.
root_is_named_after_its_packages() (
    source ops/lib/environment.sh
    before=$(root_path run) with_tests=$(root_path 'test') again=$(root_path run)
    packages() { printf 'g++\n'; }
    other=$(root_path run)
    printf '%s\n' "$before" "$with_tests" "$again" "$other"
    [[ $before == "$again" && $before != "$with_tests" && $before != "$other" ]]
)

package_lists_skip_comments() (
    source ops/lib/common.sh
    packages 'test' | grep -E '[^a-z0-9.+-]' && return 1
    packages 'test' | grep -qx shellcheck
)

summary_counts() (
    directory=$(mktemp -d)
    trap 'rm -rf "$directory"' EXIT
    results=$directory/results.xml
    printf '%s\n' '<testsuite name="x"' '  tests="7"' '  failures="1"' '  disabled="1"' \
        '  skipped="2"' '  time="1">' '  <testcase name="a" tests="9"/>' >"$results"
    # shellcheck disable=SC1090  # only the two functions that are tested are taken from the script.
    source <(sed -n '/^attribute()/,/^}/p; /^summarize()/,/^}/p' ops/test)
    say() { printf '%s\n' "$*" >&2; }
    exits 1 summarize 2>&1 | grep -x '3 passed, 1 failed, 3 skipped' || return
    : >"$results"
    exits 1 summarize 2>&1 | grep 'no test ran'
)

failures_are_shown_alone() (
    # shellcheck disable=SC1090  # only the function that is tested is taken from the script.
    source <(sed -n '/^without_passed()/,/^}/p' ops/test)
    printf '%s\n' '1/3 Test #1: a ***Exception' '[ RUN      ] X.crashed' 'words of crashed' \
        '2/3 Test #2: b Passed' '3/3 Test #3: c ***Failed' '[----------] 3 tests from X' \
        '[ RUN      ] X.fine' 'words of fine' '[       OK ] X.fine (1 ms)' \
        '[ RUN      ] X.wrong' 'words of wrong' '[  FAILED  ] X.wrong (1 ms)' \
        '[ RUN      ] X.ended' 'words of ended' | without_passed |
        diff /dev/fd/3 - 3<<'END'
1/3 Test #1: a ***Exception
[ RUN      ] X.crashed
words of crashed
2/3 Test #2: b Passed
3/3 Test #3: c ***Failed
[ RUN      ] X.wrong
words of wrong
[  FAILED  ] X.wrong (1 ms)
[ RUN      ] X.ended
words of ended
END
)

exec 2>&1
while read -r script; do
    check "$script is valid bash" bash -n "$script"
done < <(scripts)
if command -v shellcheck >/dev/null; then
    mapfile -t all < <(scripts)
    check "shellcheck accepts ${#all[@]} scripts" shellcheck -x "${all[@]}"
else
    check 'shellcheck is installed' false
fi
check 'no line is longer than 100 columns' lines_are_short
check 'no package is listed twice' no_duplicates
check 'every package for building and running is installed' all_installed
check 'package lists are read without their comments' package_lists_skip_comments
check 'a root directory is named after its packages' root_is_named_after_its_packages
for script in run test shell; do
    check "ops/$script --help shows how to use it" says "^ops/$script \[" "ops/$script" --help
    check "ops/$script refuses an unknown option" exits 2 "ops/$script" --no-such-option
    check "ops/$script refuses an unknown environment" exits 2 "ops/$script" --in nowhere
done
check 'ops/run --print-plan says where it would run' says '^environment: ' ops/run --print-plan
check 'ops/run --print-plan takes the port' says 'dev --port 9000' ops/run --print-plan --port 9000
check 'ops/run --print-plan passes --reset on' says 'dev .*--reset --yes' \
    ops/run --print-plan --reset --yes
check 'ops/run refuses a port that is none' exits 2 ops/run --print-plan --port 70000
check 'ops/run refuses a missing value' exits 2 ops/run --port
check 'ops/shell refuses a missing value' exits 2 ops/shell --in
check 'ops/test refuses an unknown suite' exits 2 ops/test --suite nothing
check 'ops/test counts what ctest reports' summary_counts
check 'ops/test shows the tests that failed, and not those that passed' failures_are_shown_alone
check 'ops/shell passes the exit status on' exits 42 ops/shell bash -c 'exit 42'
check 'ops/shell runs in the checkout' says "^$PWD\$" ops/shell pwd
check 'ops/shell keeps arguments apart' says '^<a b> <>$' ops/shell printf '<%s> <%s>\n' 'a b' ''

((failures == 0)) || printf '%d of the checks above failed\n' "$failures"
exit "$((failures > 0))"
