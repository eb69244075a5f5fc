#!/bin/bash
# demo.sh [FOLDER] - builds Lode on a Debian machine and maps the simulated survey of this folder.
# The hidden deposits of truth.gpkg are used at the very end, to count how many the map finds.
set -e
cd "$(dirname "$0")/.."
out=${1:-out/demo}
. tests/packages.sh
lode_install "${LODE_BUILD_PACKAGES[@]}"
if [ ! -x build/bin/lode ]; then
    cmake -S . -B build -G Ninja -DLODE_BUILD_TESTS=OFF >/dev/null
fi
cmake --build build >/dev/null
lode=build/bin/lode

mkdir -p "$(dirname "$out")"
echo "Mapping sample_data/stack.tif with the known deposits of sample_data/deposits.gpkg ..."
begin=$SECONDS
"$lode" map sample_data/stack.tif sample_data/deposits.gpkg "$out"
echo "That took $((SECONDS - begin)) s."

# "Au: 11 of 39 deposits in the best 10 % of the area; AUC 0.723 (...)": the first line is the best band.
judge() {
    "$lode" evaluate "$@" sample_data/truth.gpkg 2>&1 >/dev/null | grep -m 1 ' in the best '
}
echo
echo "Map (bands score, uncertainty, percentile): $out/prospectivity.tif"
echo "Picture with the known deposits:            $out/prospectivity.png"
echo "Report:                                     $out/report.html"
echo
echo "Hidden deposits, which no step has seen:"
echo "  Lode    $(judge "$out/prospectivity.tif" --bands score)"
echo "  element $(judge sample_data/stack.tif) (best of 39, chosen with hindsight)"
