#!/bin/bash
# packages.sh - the Debian packages that building and testing need; installs those that are missing.
# Run it (tests/packages.sh [build|test]), or source it and call lode_install NAME... .
# Quiet, and off the network, when everything is there.

LODE_BUILD_PACKAGES=(
    g++
    gcc
    cmake
    ninja-build
    pkgconf
    libgdal-dev
    libgeos-dev
    libproj-dev
    libjansson-dev
    libonnx-dev
    libopenmpi-dev
    libprotobuf-c-dev
    protobuf-c-compiler
    python3
)

# What cpack needs besides.
LODE_PACKAGE_PACKAGES=(
    dpkg-dev
    file
    qttools5-dev-tools
)

LODE_TEST_PACKAGES=(
    bandit
    blahtexml
    ca-certificates
    clang
    doxygen
    flake8
    fonts-dejavu-core
    gdal-bin
    libcmocka-dev
    locales
    openmpi-bin
    pylint
    python3
    python3-breathe
    python3-gdal
    python3-myst-parser
    python3-numpy
    python3-pyqt6
    python3-pytest
    python3-qgis
    python3-sphinx
    qgis
    qttools5-dev-tools
    strace
    valgrind
    xauth
    xvfb
)

lode_missing() {
    local name
    for name in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
    done
}

lode_install() {
    local missing as_root=()
    mapfile -t missing < <(lode_missing "$@")
    [ ${#missing[@]} -eq 0 ] && return 0
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "Installing ${missing[*]}" >&2
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends "${missing[@]}" >/dev/null
}

# clang's sanitizer and fuzzer runtime carries clang's version in its name (Debian before 13 only
# recommends it).
lode_install_clang_runtime() {
    local version
    version=$(clang -dumpversion | cut -d. -f1)
    lode_install "libclang-rt-$version-dev"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -e
    [ "$1" = test ] || lode_install "${LODE_BUILD_PACKAGES[@]}"
    [ "$1" = build ] || { lode_install "${LODE_TEST_PACKAGES[@]}" && lode_install_clang_runtime; }
fi
