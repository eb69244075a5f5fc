#!/bin/bash
# look.sh [FOLDER]: pictures of the real QGIS window with Lode in it, to be looked at by a person.
# Opens QGIS under Xvfb with a fresh profile, works through the dialogs as a user would, and writes
# one PNG a step into FOLDER (default build/look). Needs qgis, xvfb and a build.
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${LODE_BUILD:-$root/build}
out=$(mkdir -p "${1:-$build/look}" && cd "${1:-$build/look}" && pwd)
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
"$root/tests/qgis/profile.sh" "$profile"
unset QT_QPA_PLATFORM
export QGIS_CUSTOM_CONFIG_PATH=$profile QGIS_PLUGINPATH=$build/qgis_processing
export LODE_LIBRARY=$build/lib/liblode.so LODE_LOOK=$out
export PYTHONUNBUFFERED=1
timeout "${LODE_LOOK_TIMEOUT:-900}" xvfb-run -a -s "-screen 0 1500x950x24" \
    qgis --noversioncheck --nologo --code "$root/tests/qgis/look.py" >"$out/log.txt" 2>&1 ||
    { tail -n 20 "$out/log.txt"; exit 1; }
ls "$out"/*.png
