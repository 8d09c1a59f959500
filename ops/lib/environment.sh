# shellcheck shell=bash
# Where Cairn is built and run: on this host when it is Debian 13, and otherwise inside a Debian 13
# root directory, which is made once in the user's cache and entered with unshare and chroot.

# shellcheck source=ops/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Raise this when the way a root directory is made changes, so that old ones are not used again.
readonly recipe=1
readonly cairn_uid=10001
readonly needed_mib=4096
readonly roots_kept=3
readonly root_marker=/etc/cairn-root
# What apt says when it cannot get a package, in contrast to one that cannot be installed.
unreachable='Failed to fetch|Could not (resolve|connect)|Unable to (connect|locate)'
readonly unreachable="$unreachable|Temporary failure"

# ── Choosing ────────────────────────────────────────────────────────────────────────────────────

# choose_way [host|root]: sets way and why, or ends with a message that says what to do.
choose_way() {
    local wanted=${1:-${CAIRN_IN:-}} ID='' VERSION_ID='' PRETTY_NAME='an unknown system'
    [[ -r /etc/os-release ]] && source /etc/os-release
    case $wanted in
        '') ;;
        host | root) ;;
        *) usage_error "--in takes host or root, not '$wanted'" ;;
    esac
    if [[ -e $root_marker ]]; then
        way=host why='already inside the Debian 13 root directory'
    elif [[ $wanted == host || (-z $wanted && $ID == debian && $VERSION_ID == 13) ]]; then
        way=host why="this host is $PRETTY_NAME"
        [[ $ID == debian && $VERSION_ID == 13 ]] ||
            fail "$exit_failed" "--in host needs Debian 13, and this host is $PRETTY_NAME."
    elif [[ $ID == debian || (-n ${CAIRN_MIRROR:-} && -n $(command -v mmdebstrap)) ]]; then
        way=root why="this host is $PRETTY_NAME, and Cairn needs the packages of Debian 13"
        if [[ $wanted == root ]]; then why='asked for with --in root'; fi
    else
        fail "$exit_failed" "this host is $PRETTY_NAME, and Cairn runs on Debian 13." \
            'With a container engine: docker compose -f ops/container/compose.yaml up --build' \
            'With mmdebstrap and a Debian mirror: CAIRN_MIRROR=<URL of the mirror> ops/run'
    fi
}

describe_way() {
    case $way in
        host) printf 'environment: host (%s)\n' "$why" ;;
        root) printf 'environment: root directory %s (%s)\n' "$(usable_root "$1")" "$why" ;;
    esac
}

# ── The host way ────────────────────────────────────────────────────────────────────────────────

missing_packages() {
    local -a names
    mapfile -t names < <(packages "$1")
    comm -23 <(printf '%s\n' "${names[@]}" | sort -u) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null |
            sed -n 's/^installed //p' | sort -u)
}

ensure_host() {
    local layer=$1 start
    local -a missing
    mapfile -t missing < <(missing_packages "$layer")
    if ((${#missing[@]} > 0)); then
        [[ -e $root_marker ]] &&
            fail "$exit_failed" "this root directory lacks ${missing[*]}." \
                "Leave it and start again with: ops/shell --test"
        ((EUID == 0)) ||
            fail "$exit_failed" "${#missing[@]} packages are missing, and installing needs root." \
                "sudo apt-get install --no-install-recommends ${missing[*]}"
        start=$(now_ms)
        say "installing ${#missing[@]} Debian packages: ${missing[*]}"
        keep_default_cluster_away ''
        apt_in_place '' update -q || unavailable
        apt_in_place '' install -q -y --no-install-recommends "${missing[@]}" || unavailable
        say "packages installed in $(took "$start")"
    fi
    # PostgreSQL refuses to run as root, so root hands it to this user.
    if ((EUID == 0)) && ! getent passwd cairn >/dev/null; then
        groupadd --gid "$cairn_uid" cairn
        useradd --uid "$cairn_uid" --gid cairn --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin cairn
    fi
}

# apt_in_place ROOT ARGUMENT…: apt-get without questions, on the host when ROOT is empty.
apt_in_place() {
    local root=$1
    shift
    local -a enter=()
    [[ -n $root ]] && enter=(chroot "$root")
    "${enter[@]}" /usr/bin/env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get \
        -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io \
        -o Acquire::Retries=3 "$@"
}

# Debian's package would otherwise start a cluster of its own, which Cairn never uses.
keep_default_cluster_away() {
    local file=$1/etc/postgresql-common/createcluster.conf
    [[ -e $file ]] && return
    mkdir -p "${file%/*}"
    printf 'create_main_cluster = false\n' >"$file"
}

unavailable() {
    fail "$exit_unavailable" "Debian's mirror is out of reach, or lacks a package (see above)." \
        'Check the network and /etc/apt/sources.list*, then run the same command again.'
}

# ── The root directory ──────────────────────────────────────────────────────────────────────────

cache_dir() {
    local home=${HOME:-$(getent passwd "$EUID" | cut -d: -f6)}
    printf '%s/cairn' "${XDG_CACHE_HOME:-$home/.cache}"
}

# root_path run|test: the place is named after what is in it, so a changed list makes a new root.
root_path() {
    local hash name=root
    if [[ $1 == 'test' ]]; then name='test'; fi
    hash=$({ printf '%s %s\n' "$recipe" "$(uname -m)"; packages "$1" | sort -u; } | sha256sum)
    printf '%s/%s-%s' "$(cache_dir)" "$name" "${hash:0:12}"
}

# usable_root run|test: a test root holds all that a run root does, so one that exists serves both.
usable_root() {
    local path
    path=$(root_path test)
    if [[ ! -d $path ]]; then path=$(root_path "$1"); fi
    printf '%s' "$path"
}

# hold_root ROOT: true when it is there, and from now on nobody removes it while we use it.
hold_root() {
    mkdir -p "${1%/*}"
    exec {root_lock}>"$1.lock"
    flock --shared "$root_lock"
    [[ -d $1 ]] && return
    exec {root_lock}>&-
    return 1
}

# ensure_root run|test: sets root to a finished root directory that is held until we end.
ensure_root() {
    local layer=$1
    ((EUID == 0)) ||
        fail "$exit_failed" "this needs root, and you are $(id -un)." \
            "Run it as root (sudo ops/…), or use a container engine:" \
            'docker compose -f ops/container/compose.yaml up --build'
    unshare --mount true 2>/dev/null ||
        fail "$exit_failed" 'this machine refuses a private mount namespace (unshare --mount).' \
            'Inside a container, start it privileged, or build ops/container/Dockerfile instead.'
    root=$(usable_root "$layer")
    if hold_root "$root"; then return; fi
    root=$(root_path "$layer")
    make_root "$layer" "$root"
    hold_root "$root" || fail "$exit_failed" "$root vanished; run the same command again."
}

# make_root run|test TARGET: one process at a time works in the cache, the others wait.
make_root() {
    local layer=$1 target=$2 cache=${2%/*} base lock free_mib start log
    mkdir -p "$cache"
    exec {lock}>"$cache/lock"
    if ! flock --nonblock "$lock"; then
        say "waiting for another run that is making a root directory in $cache"
        flock "$lock"
    fi
    if [[ -d $target ]]; then
        exec {lock}>&-
        return
    fi
    # Only the holder of the lock makes these, so any that exist were left by a killed run.
    rm -rf --one-file-system "$cache"/making-*
    free_mib=$(df --output=avail -B 1M "$cache" | tail -n 1 | tr -d " ")
    ((free_mib >= needed_mib)) ||
        fail "$exit_failed" "$cache has $free_mib MiB free, and making a root needs $needed_mib." \
            'Free some space, or point XDG_CACHE_HOME to a larger disk.'
    start=$(now_ms)
    log=$cache/making.log
    work=$cache/making-$$ worker=
    trap 'discard_work' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir "$work"
    base=$(root_path run)
    if [[ $layer == 'test' ]] && hold_root "$base"; then
        say "adding the test tools to a copy of the root directory"
        in_background "$log" extend_root "$base" "$work/root"
    else
        ensure_mmdebstrap
        say "making a Debian 13 root directory in $cache ($(packages "$layer" | wc -l) packages" \
            "and what they need; once, about a minute)"
        in_background "$log" bootstrap_root "$layer" "$work/root"
    fi
    # After a power cut the directory must be whole or absent, so its content goes to disk first.
    sync -f "$work"
    mv -T "$work/root" "$target"
    rmdir "$work"
    trap - EXIT INT TERM HUP
    say "root directory ready in $(took "$start"): $target"
    remove_old_roots "$target"
    exec {lock}>&-
}

# A signal to us must also end the worker, and what it made so far is of no use.
discard_work() {
    if [[ -n $worker ]]; then
        kill -TERM -- "-$worker" 2>/dev/null || true
        wait "$worker" 2>/dev/null || true
    fi
    rm -rf --one-file-system "$work"
}

# in_background LOG COMMAND…: runs it in a process group of its own, so that a signal to this shell
# is acted on at once; shows the end of the log when it fails.
in_background() {
    local log=$1 status=0
    shift
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    worker=$!
    set +m
    wait "$worker" || status=$?
    worker=
    if ((status == 0)); then return; fi
    tail -n 25 "$log" >&2
    say "(the whole log: $log)"
    if ((status == exit_unavailable)) || grep -qE "$unreachable" "$log"; then unavailable; fi
    fail "$exit_failed" "making the root directory failed with status $status."
}

ensure_mmdebstrap() {
    command -v mmdebstrap >/dev/null && return
    say 'installing mmdebstrap, which makes the root directory'
    apt_in_place '' update -q >&2 || unavailable
    apt_in_place '' install -q -y --no-install-recommends mmdebstrap >&2 || unavailable
}

# The mirror of this host, as apt sees it, with its suites replaced by those of Debian 13.
trixie_sources() {
    local main=${CAIRN_MIRROR:-} security='' uri suite
    if [[ -z $main ]]; then
        [[ -n $(debian_sources) ]] || apt_in_place '' update -q >&2 || return 1
        while read -r uri suite; do
            case $suite in
                *-security) security=${security:-$uri} ;;
                "$(host_codename)" | stable | trixie) main=${main:-$uri} ;;
            esac
        done < <(debian_sources)
    fi
    [[ -n $main ]] || return 1
    printf 'deb %s trixie main\n' "$main"
    printf 'deb %s trixie-updates main\n' "$main"
    [[ -z $security ]] || printf 'deb %s trixie-security main\n' "$security"
}

# apt reads both of its source formats for us, and knows which of the sources are Debian's own.
# shellcheck disable=SC2016  # apt replaces these names itself.
debian_sources() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' 'Origin: Debian'
}

host_codename() {
    sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# How this host reaches its mirror (proxies, retries, a clock that is off) holds for the root too.
host_apt_options() {
    local keys='Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6|https?::[^ ]+'
    apt-config dump 2>/dev/null | sed -nE "s/^(Acquire::($keys) \".*\");\$/--aptopt=\1/p"
}

bootstrap_root() {
    local layer=$1 target=$2 include sources path
    local -a options=() lines
    sources=$(trixie_sources) ||
        fail "$exit_unavailable" 'apt on this host has no Debian mirror configured.' \
            'Add one to /etc/apt/sources.list, or set CAIRN_MIRROR.'
    include=$(packages "$layer" | paste -sd,)
    mapfile -t options < <(host_apt_options)
    for path in doc man info locale help lintian bug; do
        options+=("--dpkgopt=path-exclude=/usr/share/$path/*")
    done
    mapfile -t lines <<<"$sources"
    mmdebstrap --mode=root --variant=apt --format=directory --include="$include" \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
        --aptopt='Acquire::Retries "3"' --dpkgopt=force-unsafe-io "${options[@]}" \
        --essential-hook="$checkout/ops/lib/root-hook before \"\$1\"" \
        --customize-hook="$checkout/ops/lib/root-hook after \"\$1\"" \
        trixie "$target" "${lines[@]}"
}

# extend_root FROM TARGET: the test layer is a copy, so a run that is going on keeps what it has.
# shellcheck disable=SC2016  # the inner shell expands these.
extend_root() {
    local from=$1 target=$2
    local -a names
    cp -a --reflink=auto "$from" "$target"
    mapfile -t names < <(packages test)
    export from target
    export -f apt_in_place
    unshare --mount bash -euc '
        mount --rbind /proc "$target/proc"
        mount --rbind /dev "$target/dev"
        cat /etc/resolv.conf >"$target/etc/resolv.conf"
        apt_in_place "$target" update -q
        apt_in_place "$target" install -q -y "$@"
        apt_in_place "$target" clean' extend "${names[@]}"
    : >"$target/etc/resolv.conf"
}

# Roots of older package lists are kept for checkouts that still use them, but only a few.
remove_old_roots() {
    local current=$1 lock old kept=1 fd
    while read -r lock; do
        old=${lock%.lock}
        [[ -d $old && $old != "$current" ]] || continue
        if ((++kept <= roots_kept)); then continue; fi
        exec {fd}>"$lock"
        if flock --nonblock "$fd"; then
            say "removing the unused root directory $old"
            rm -rf --one-file-system "$old"
        fi
        exec {fd}>&-
    done < <(find "${current%/*}" -maxdepth 1 -name '*-*.lock' -printf '%T@ %p\n' |
        sort -rn | cut -d' ' -f2-)
}

# ── Entering ────────────────────────────────────────────────────────────────────────────────────

# ensure_environment run|test: afterwards exec_inside works.
ensure_environment() {
    case $way in
        host) ensure_host "$1" ;;
        root) ensure_root "$1" ;;
    esac
}

# exec_inside COMMAND…: becomes the command, in the checkout; signals and status are its own.
exec_inside() {
    : "${CCACHE_DIR:=$(cache_dir)/ccache}" "${CCACHE_SLOPPINESS:=pch_defines,time_macros}"
    export CCACHE_DIR CCACHE_SLOPPINESS
    mkdir -p "$CCACHE_DIR"
    cd "$checkout" || exit
    if [[ $way == host ]]; then exec "$@"; fi
    exec unshare --mount --propagation private -- \
        bash "$checkout/ops/lib/enter" "$root" "$checkout" "$@"
}
