# shellcheck shell=bash
# Configuring and building the release preset; used inside the environment, after common.sh.

# shellcheck disable=SC2154  # common.sh sets checkout.
readonly build_dir=$checkout/build/release

# build TARGET…: one build at a time works in a checkout, a second one waits.
build() {
    local lock
    mkdir -p "$build_dir"
    exec {lock}>"$checkout/build/lock"
    if ! flock --nonblock "$lock"; then
        say 'waiting for another build in this checkout'
        flock "$lock"
    fi
    # Ninja configures again by itself when a CMake file changes, but not for a changed preset.
    if [[ ! -e $build_dir/build.ninja || CMakePresets.json -nt $build_dir/CMakeCache.txt ]]; then
        step 'configure (preset release)' cmake --preset release
    fi
    step "build $*" cmake --build --preset release --parallel 2 --target "$@"
    exec {lock}>&-
}
