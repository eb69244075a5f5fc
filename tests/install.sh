#!/bin/bash
# install.sh FOLDER - checks the .deb files in FOLDER: lintian, installation, use, purge.
# Changes the system it runs on: meant for a container or a folder made by distro.sh.
set -eu
cd "$(dirname "$0")/.."
packages=$(realpath "$1")
. tests/packages.sh
lode_install lintian gcc g++ cmake pkgconf gdal-bin ca-certificates
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
step() { echo "== $*"; }
snapshot() { find /usr /etc -xdev \( -name '*lode*' -o -name '*LODE*' \) -not -path '*/explode*' \
    -not -path '*upload*' -not -path '*/dpkg/*' 2>/dev/null | sort; }

step "lintian"
# A project without a mail address of its own cannot name one; set LODE_MAINTAINER to do so.
lintian --allow-root --fail-on error \
    --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$packages"/*.deb

before=$(snapshot)
step "installing"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$packages"/*.deb >/dev/null

step "the command"
lode --version
lode simulate "$scratch/survey" --size 40 --samples 60 -q
lode evaluate "$scratch/survey/stack.tif" "$scratch/survey/truth.gpkg" --json - -q |
    grep -q '"auc"'

step "a program built with pkg-config"
cat >"$scratch/consumer.c" <<'C'
#include <lode/lode.h>
#include <stdio.h>
int main(void) {
    char *json;
    if (lode_abi() != LODE_ABI || lode_tasks_json(&json) != LODE_OK)
        return 1;
    lode_free(json);
    printf("liblode %s\n", lode_version());
    return 0;
}
C
gcc "$scratch/consumer.c" -o "$scratch/by-pkg-config" $(pkg-config --cflags --libs lode)
"$scratch/by-pkg-config"

step "the same with CMake"
cat >"$scratch/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.22)
project(consumer C)
find_package(lode REQUIRED)
add_executable(by-cmake consumer.c)
target_link_libraries(by-cmake lode::lode)
C
cmake -S "$scratch" -B "$scratch/build" >/dev/null
cmake --build "$scratch/build" >/dev/null
"$scratch/build/by-cmake"

step "GDAL"
gdalinfo --format LODE | head -n 3

step "QGIS"
qgis_process=$(command -v qgis_process.bin || command -v qgis_process)
export QT_QPA_PLATFORM=offscreen HOME=$scratch
"$qgis_process" plugins enable lode >/dev/null 2>&1
# Into a file first: a reader that stops early would look like a failure of qgis_process.
"$qgis_process" run lode:simulate -- OUT="$scratch/from-qgis" SIZE=40 SAMPLES=60 >"$scratch/qgis.log" \
    2>&1 || { cat "$scratch/qgis.log"; exit 1; }
cmp "$scratch/survey/samples.csv" "$scratch/from-qgis/samples.csv"

step "purging"
DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq lode lode-mpi liblode0 liblode-dev gdal-plugin-lode \
    qgis-plugin-lode >/dev/null
left=$(comm -13 <(echo "$before") <(snapshot))
[ -z "$left" ] || { echo "Left behind: $left"; exit 1; }
echo "The packages work."
