#!/usr/bin/env bash
# tests/cli_test.sh CAIRN
#
# What the command line promises without a database: help, suggestions, completions, precedence of
# the configuration, and exit codes. CAIRN is the program to test. With CAIRN_TEST_DATA_DIR set to
# the data directory of a running private cluster, the commands that read it are run as well.
set -uo pipefail

[[ $# -eq 1 && -x $1 ]] || { echo "usage: ${0##*/} CAIRN" >&2 && exit 2; }
cairn=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
test_data_dir=${CAIRN_TEST_DATA_DIR:-}
unset "${!CAIRN_@}"
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
passed=0 failed=0

ok() {
    if [[ $2 == true ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$1"
        [[ -s out ]] && sed 's/^/  out: /' out
        [[ -s err ]] && sed 's/^/  err: /' err
    fi
}

# expect CODE NAME ARGUMENT…: runs cairn; its output is in the files out and err.
expect() {
    local wanted=$1 name=$2 code=0
    shift 2
    "$cairn" "$@" >out 2>err </dev/null || code=$?
    ok "$name: exit code $code instead of $wanted" "$([[ $code == "$wanted" ]] && echo true)"
}

says() {
    ok "$1 does not say: $2" "$(grep -qF -- "$2" "$1" && echo true)"
}

is() {
    ok "$1 holds '$(cat "$1")' instead of '$2'" "$([[ $(cat "$1") == "$2" ]] && echo true)"
}

test_help() {
    local path examples
    expect 0 'bare' --help
    says out 'Examples:'
    mapfile -t paths < <(sed -n '/^Commands:/,/^$/{s/^  \([a-z-]\+\( [a-z-]\+\)*\)  .*/\1/p}' out)
    ok "only ${#paths[@]} commands are listed" "$([[ ${#paths[@]} -ge 30 ]] && echo true)"
    for path in "${paths[@]}"; do
        # shellcheck disable=SC2086  # A path is several words.
        expect 0 "$path --help" $path --help
        examples=$(sed -n '/^Examples:/,/^$/{/^  \$ /p}' out | wc -l)
        ok "$path has $examples examples" "$([[ $examples == 2 ]] && echo true)"
        cp out help-by-flag
        # shellcheck disable=SC2086
        expect 0 "help $path" help $path
        ok "help $path is not $path --help" "$(cmp -s out help-by-flag && echo true)"
    done
    expect 0 'help of a group' events --help
    says out 'events tail'
    expect 0 'exit codes' help exit-codes -o jsonl
    says out '{"code":9,"name":"confirmation"'
    expect 0 'version' --version
    expect 0 'version as json' --version -o json
    says out '"version":'
}

test_suggestions() {
    expect 2 'a mistyped noun' evnts tail
    says err 'did you mean events?'
    expect 2 'a mistyped verb' events tial
    says err 'did you mean tail?'
    expect 2 'a mistyped third word' projection dead-letters rety goal_board
    says err 'did you mean retry?'
    expect 2 'a mistyped flag' events search --limti 5
    says err 'did you mean --limit?'
    expect 2 'a mistyped global flag' tenant ls --confg none
    says err 'did you mean --config?'
    expect 2 'a mistyped choice' events search --order descc
    says err 'did you mean desc?'
    expect 2 'a group alone' events
    expect 2 'a mistyped word below a command' audit trail verfy
    expect 2 'no command' --quiet
    expect 2 'a word too many' tenant ls more
    expect 2 'no number' events search --limit ten
    expect 2 'no id' tenant show acme
    expect 2 'a required flag is missing' token create
    expect 2 'a value is missing' events search --limit
    expect 2 'no abbreviations' ev tail
    expect 2 'an error as json' events tial -o json
    says err '{"kind":"error","exit_code":2,"code":"usage"'
    is out ''
}

test_completions() {
    local shell
    for shell in bash zsh fish; do
        expect 0 "completion $shell" completion "$shell"
        if command -v "$shell" >/dev/null; then
            ok "$shell does not accept its completion" \
                "$("$shell" -n out 2>err && echo true)"
        fi
    done
    expect 0 'complete a noun' __complete -- ev
    says out events
    expect 0 'complete a verb' __complete -- events t
    is out $'tail\tFollow the log as it grows'
    expect 0 'complete a flag' __complete -- events search --li
    is out $'--limit\tAt most so many rows (default 50)'
    expect 0 'complete a choice' __complete -- tenant ls -o js
    is out $'json\t\njsonl\t'
    expect 0 'complete a projection' __complete -- projection rebuild goal_
    says out goal_board
    expect 0 'complete a type' __complete -- events tail --type goal.dr
    says out goal.drafted
    expect 0 'complete below a command' __complete -- audit trail v
    says out verify
    expect 0 'complete a key' __complete -- config explain http.th
    says out http.threads
    # The script itself, as bash runs it.
    # shellcheck disable=SC2016  # The inner shell expands these.
    PATH=${cairn%/*}:$PATH bash -c 'source <(cairn completion bash)
        COMP_WORDS=(cairn migrate ver) COMP_CWORD=2; _cairn; echo "${COMPREPLY[*]}"' >out 2>err
    is out verify
}

# origin_of ARGUMENT…: value and origin of log.level, into out.
origin_of() {
    expect 0 "config show $*" config show --origin "$@"
    sed -n 's/^log\.level\t//p' out >line && mv line out
}

test_configuration() {
    printf '[log]\nlevel = "warn"\n' >given.toml
    origin_of
    is out $'info\tdefault'
    origin_of --config given.toml
    is out $'warn\tfile given.toml:2'
    CAIRN_LOG__LEVEL=error origin_of
    is out $'error\tenv CAIRN_LOG__LEVEL'
    CAIRN_LOG__LEVEL=error origin_of --config given.toml
    is out $'error\tenv CAIRN_LOG__LEVEL'
    CAIRN_CONFIG=given.toml origin_of
    is out $'warn\tfile given.toml:2'
    CAIRN_CONFIG=given.toml origin_of --config none
    is out $'info\tdefault'
    cp given.toml cairn.toml
    origin_of
    is out $'warn\tfile cairn.toml:2'
    rm cairn.toml
    mkdir -p config/cairn && mv given.toml config/cairn/cairn.toml
    origin_of
    is out "warn"$'\t'"file $work/config/cairn/cairn.toml:2"
    rm -r config
    # A flag beats all others.
    printf 'data_dir = "/from/file"\n' >given.toml
    CAIRN_DATA_DIR=/from/environment expect 0 'flags win' config explain data_dir \
        --config given.toml --data-dir /from/flag -o json
    says out '"value":"/from/flag","origin":"flag --data-dir"'
    printf '[htpp]\nlisten = "127.0.0.1:1"\n' >given.toml
    expect 2 'an unknown key' config check --config given.toml
    says err 'did you mean http.listen?'
    expect 2 'a wrong value' config check --config none --data-dir ''
    expect 0 'a good configuration' config check
    expect 0 'a password is masked' config show --db 'host=db password=hunter2'
    ok 'the password is shown' "$(grep -q hunter2 out || echo true)"
}

test_exit_codes() {
    local id=01890a5d-ac96-774b-bcce-b302099a8057
    expect 5 'an unknown key' config explain http.lisen
    says err 'did you mean http.listen?'
    expect 5 'an unknown projection' projection show goal_bord
    says err 'did you mean goal_board?'
    expect 5 'no secrets' token create --tenant $id --user $id --role owner
    ok 'secrets were made' "$([[ ! -e state/cairn ]] && echo true)"
    expect 7 'no database' tenant ls
    says err 'cairn dev'
    is out ''
    expect 7 'no database, as json' events search --json
    says err '"exit_code":7,"code":"database-unavailable"'
    expect 7 'no database for the schema' migrate status
    expect 7 'no database for the trail' audit trail verify
    expect 7 'no database for a goal' goals ls --tenant $id
    expect 7 'no database for webhooks' webhook ls --tenant $id
    expect 5 'no root key to sign with' webhook create https://example.com/ --tenant $id
    expect 2 'neither a delivery nor an instant' webhook redeliver --tenant $id $id
    expect 9 'a webhook is kept' webhook rm --tenant $id $id --no-input
    CAIRN_WEBHOOKS__ALLOWED_NETWORKS=10.0.0.0/40 expect 2 'no network' config check
    printf 'at,metric,value\n2026-01-06,revenue,4310.20\n' | gzip >sales.csv.gz
    expect 7 'no database for a compressed file' metrics import sales.csv.gz --tenant $id
    head -c 30 sales.csv.gz >cut.csv.gz
    expect 2 'a compressed file that is cut off' metrics import cut.csv.gz --tenant $id
    says err 'body-truncated'
    rm sales.csv.gz cut.csv.gz
    expect 1 'no server' health --admin-listen 127.0.0.1:1
    expect 3 'a doctor without a database' doctor
    says out $'fail\tdatabase'
    mkdir -p state/cairn/pg
    expect 9 'a reset is confirmed' dev --reset
    rm -r state
}

# The life of a webhook whose receiver does not answer; the database's server must be running.
test_webhooks() {
    local tenant webhook until=$((SECONDS + 15))
    tenant=$("$cairn" tenant ls --limit 1 "${data[@]}" </dev/null | cut -f 1)
    [[ -n $tenant ]] || return
    expect 2 'an address inside' webhook create https://169.254.169.254/ --tenant "$tenant" "${data[@]}"
    says err 'the host must be a name'
    export CAIRN_WEBHOOKS__ALLOWED_NETWORKS=127.0.0.0/8
    expect 0 'a webhook' webhook create http://127.0.0.1:9/hook --tenant "$tenant" \
        --type 'goal.*,user.registered' --stream goal,user "${data[@]}" -o json
    says out '"secret":"whsec_'
    webhook=$(sed -n 's/.*"webhook":"\([0-9a-f-]*\)".*/\1/p' out)
    until "$cairn" webhook deliveries --tenant "$tenant" "$webhook" "${data[@]}" </dev/null \
        >out 2>err || ((SECONDS > until)); do sleep 0.2; done
    expect 0 'its deliveries' webhook deliveries --tenant "$tenant" "$webhook" --status dead "${data[@]}"
    expect 1 'a test of nobody' webhook test --tenant "$tenant" "$webhook" "${data[@]}"
    says out 'connect-failed'
    expect 0 'nothing to send again' webhook redeliver --tenant "$tenant" "$webhook" \
        --since 2020-01-01T00:00:00Z "${data[@]}" -o json
    says out '"count":0'
    expect 5 'no such delivery' webhook redeliver --tenant "$tenant" "$webhook" --delivery $id "${data[@]}"
    expect 0 'another address' webhook set --tenant "$tenant" "$webhook" \
        --url http://127.0.0.1:10/hook --type 'goal.*' "${data[@]}"
    expect 0 'disabled' webhook disable --tenant "$tenant" "$webhook" "${data[@]}"
    expect 0 'enabled' webhook enable --tenant "$tenant" "$webhook" "${data[@]}"
    expect 0 'another secret' webhook rotate --tenant "$tenant" "$webhook" "${data[@]}" -o json
    says out '"secret":"whsec_'
    expect 0 'removed' webhook rm --tenant "$tenant" "$webhook" --yes "${data[@]}"
    expect 5 'a webhook that went' webhook test --tenant "$tenant" "$webhook" "${data[@]}"
    expect 5 'a webhook that went stays so' webhook enable --tenant "$tenant" "$webhook" "${data[@]}"
    unset CAIRN_WEBHOOKS__ALLOWED_NETWORKS
    expect 0 'status' status "${data[@]}"
    says out 'deliveries pending'
}

# With a database: reading commands succeed in every format, and ids that do not exist are 5.
test_database() {
    local data=(--data-dir "$test_data_dir") id=01890a5d-ac96-774b-bcce-b302099a8057 format stream
    for format in table json jsonl csv none; do
        expect 0 "tenant ls in $format" tenant ls "${data[@]}" -o "$format"
        expect 0 "events search in $format" events search "${data[@]}" -o "$format"
        expect 0 "streams ls in $format" streams ls "${data[@]}" -o "$format"
        expect 0 "projection ls in $format" projection ls "${data[@]}" -o "$format"
        expect 0 "status in $format" status "${data[@]}" -o "$format"
        expect 0 "migrate status in $format" migrate status "${data[@]}" -o "$format"
    done
    expect 0 'verify' migrate verify "${data[@]}"
    expect 0 'tail' events tail --count 3 --after 0 "${data[@]}" -o jsonl
    ok 'tail shows another number' "$([[ $(wc -l <out) == 3 ]] && echo true)"
    expect 5 'no tenant' tenant show $id "${data[@]}"
    expect 5 'no event' events get $id "${data[@]}"
    expect 5 'no stream' streams state "goal-$id" "${data[@]}"
    expect 5 'no goal' goals show --tenant $id $id "${data[@]}"
    expect 0 'no webhooks' webhook ls --tenant $id "${data[@]}"
    expect 5 'no webhook' webhook deliveries --tenant $id $id "${data[@]}"
    expect 5 'no tenant for a webhook' webhook create https://example.com/ --tenant $id "${data[@]}"
    expect 0 'nothing was made' webhook ls --tenant $id "${data[@]}" -o json
    ok 'a webhook of no tenant' "$(grep -qF example.com out || echo true)"
    test_webhooks
    stream=$("$cairn" streams ls --category goal --limit 1 "${data[@]}" </dev/null | cut -f 1)
    if [[ -n $stream ]]; then
        expect 0 'show' streams show "$stream" "${data[@]}"
        expect 0 'state' streams state "$stream" --at 1 "${data[@]}" -o json
        says out '"version":1'
        expect 0 'diff' streams diff "$stream" --from 0 --to 1 "${data[@]}"
        expect 0 'state at a time' streams state "$stream" --at 2999-01-01T00:00:00Z "${data[@]}"
        expect 5 'before its time' streams state "$stream" --at 2000-01-01T00:00:00Z "${data[@]}"
        expect 2 'no moment' streams state "$stream" --at soon "${data[@]}"
        expect 5 'a version too high' streams state "$stream" --at 999999 "${data[@]}"
        owner=$("$cairn" streams ls --category goal --limit 1 "${data[@]}" </dev/null | cut -f 4)
        expect 0 'goals now' goals ls --tenant "$owner" "${data[@]}" -o csv
        mv out now
        expect 0 'goals as of now' goals ls --tenant "$owner" --as-of 2999-01-01T00:00:00Z \
            "${data[@]}" -o csv
        ok 'the list of now is another as of now' "$(cmp -s now out && echo true)"
        expect 0 'goals before the first' goals ls --tenant "$owner" --as-of @0 "${data[@]}" -o json
        says out '[]'
        expect 0 'all goals are new' goals diff --tenant "$owner" --from @0 "${data[@]}" -o jsonl
        says out '"change":"added"'
        expect 2 'a version of a list' goals ls --tenant "$owner" --as-of 3 "${data[@]}"
    fi
    expect 0 'users are sealed' events search --type user.registered "${data[@]}" -o jsonl
    ok 'a sealed value is shown' "$(grep -q '"email":"AQ' out || echo true)"
    for format in table json jsonl csv none; do
        expect 0 "audit trail in $format" audit trail --limit 3 "${data[@]}" -o "$format"
        expect 0 "audit trail verify in $format" audit trail verify "${data[@]}" -o "$format"
    done
    expect 0 'no relay' relay status "${data[@]}" -o json
    says out '"state":"off"'
    expect 9 'a reset asks' relay reset --to 0 "${data[@]}"
    expect 2 'no place' relay reset --to soon --yes "${data[@]}"
    expect 2 'a place ahead of the log' relay reset --to 0:999999999 --yes "${data[@]}"
    expect 0 'a reset' relay reset --to head --yes "${data[@]}" -o json
    says out '"events_behind":0'
    expect 5 'no trace' trace $id "${data[@]}"
    "$cairn" events search --type goal.checked-in --limit 1 "${data[@]}" -o csv </dev/null >out
    expect 0 'trace of an event' trace "$(sed -n 2p out | cut -d , -f 1)" "${data[@]}"
    says out '└─ goal.checked-in'
    expect 0 'a plan' projection rebuild directory --dry-run "${data[@]}"
    expect 5 'nothing to switch back to' projection switch directory --yes "${data[@]}"
    expect 0 'a rebuild' projection rebuild directory "${data[@]}" -o json
    says out '"dead_letters":0'
    says out '"same":true'
    expect 9 'a switch back asks' projection switch directory "${data[@]}"
    expect 0 'a switch back' projection switch directory --yes "${data[@]}" -o json
    says out '"switch_ms":'
    expect 0 'all are compared' replay --all --compare "${data[@]}" -o json
    says out '"rows_differing":0'
    expect 2 'a replay has a purpose' replay directory "${data[@]}"
    expect 0 'shapes' schema check "${data[@]}"
    expect 0 'every event' schema check --every "${data[@]}" -o json
    expect 0 'two looks' status --watch --count 2 "${data[@]}"
    ok 'a look has a line' "$([[ $(wc -l <out) == 2 ]] && echo true)"
    expect 0 'pause' projection pause directory "${data[@]}"
    expect 6 'a paused one is not rebuilt' projection rebuild directory "${data[@]}"
    expect 0 'resume' projection resume directory "${data[@]}"
    expect 0 'retry nothing' projection dead-letters retry directory "${data[@]}"
    expect 9 'down needs a name' migrate down "${data[@]}" --yes
    expect 9 'down needs the right name' migrate down "${data[@]}" --confirm other
}

test_help
test_suggestions
test_completions
test_configuration
test_exit_codes
[[ -n $test_data_dir ]] && test_database
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
