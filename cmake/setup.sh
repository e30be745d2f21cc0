#!/bin/sh
# Installs what building and testing Hawser needs. Usage: sh cmake/setup.sh [--all]
#
#   --all   also what the tests run it against: a browser, other people's clients, proxies, a load
#           generator, valgrind and clang
#
# Debian and Ubuntu only, as root or with sudo. Does nothing where all is installed already.

set -eu

packages="g++ cmake ninja-build libasio-dev doctest-dev libssl-dev zlib1g-dev openssl python3"
llhttp="libllhttp-dev node-llhttp"
clang=""

case "${1:-}" in
    "") ;;
    --all)
        packages="$packages chromium chromium-driver python3-websockets curl nginx haproxy wrk"
        packages="$packages valgrind"
        clang="clang-19 clang-18 clang-17 clang-16"
        ;;
    *)
        echo "usage: sh cmake/setup.sh [--all]" >&2
        exit 2
        ;;
esac

if ! command -v apt-get > /dev/null; then
    cat >&2 << 'END'
This script knows only Debian and Ubuntu. Elsewhere install by hand, in these versions or newer:
  g++ 12 or clang 16, CMake 3.25, Ninja
  Asio 1.22.1 (the standalone one), llhttp 8.1, doctest 2.4
  OpenSSL 1.1.1 and zlib, for <hawser/tls.hpp> and <hawser/deflate.hpp>
  Python 3, for the tests against other programs
END
    exit 1
fi

is_installed() {
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]
}

is_known() { apt-cache show "$1" > /dev/null 2>&1; }

# The first package that is installed, else the first that can be, else the last.
choose() {
    for package; do is_installed "$package" && echo "$package" && return; done
    for package; do is_known "$package" && echo "$package" && return; done
    echo "$package"
}

# The lists above are lists of words.
# shellcheck disable=SC2086
list_missing() {
    wanted="$packages $(choose $llhttp)"
    if [ -n "$clang" ]; then
        compiler=$(choose $clang)
        wanted="$wanted $compiler libclang-rt-${compiler#clang-}-dev"
    fi
    for package in $wanted; do is_installed "$package" || echo "$package"; done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        echo "Installing packages needs root: run this script as root, or install sudo." >&2
        exit 1
    fi
}

# The tests start proxies of their own: those that are installed here are not to run as services.
forbid_services() {
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d > /dev/null
        as_root chmod 755 /usr/sbin/policy-rc.d
    fi
}

disable_services() {
    for service in nginx haproxy; do
        if echo " $missing" | grep -q " $service "; then
            as_root update-rc.d "$service" disable
        fi
    done
}

if [ -n "$(list_missing)" ]; then
    as_root apt-get update
    missing=$(list_missing | tr "\n" " ")
    echo "Installing $missing"
    forbid_services
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends $missing
    disable_services
fi

version=$(cmake --version | sed -n 's/^cmake version //p')
if ! dpkg --compare-versions "$version" ge 3.25; then
    echo "Hawser needs CMake 3.25 or newer, this system has $version: see cmake.org/download." >&2
    exit 1
fi
echo "All that Hawser needs is installed."
