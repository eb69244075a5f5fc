#!/bin/bash
# look.sh [FOLDER]: pictures of the real QGIS window with Lode in it, to be looked at by a person.
# Opens QGIS under Xvfb with a fresh profile, installs the plugin from its ZIP, works through the
# dialogs as a user would, and writes one PNG a step into FOLDER (default build/look); then looks at
# the dialogs in Spanish and Chinese. Needs qgis, xvfb, a build, and a Chinese font for the last
# pictures (fonts-wqy-zenhei). LODE_LOOK_ROUNDS="en es zh" chooses the rounds.
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${LODE_BUILD:-$root/build}
out=$(mkdir -p "${1:-$build/look}" && cd "${1:-$build/look}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset QT_QPA_PLATFORM
export PYTHONUNBUFFERED=1 LODE_LOOK_ZIP=$work/lode.zip

python3 "$root/qgis_processing/stage.py" --zip "$LODE_LOOK_ZIP" \
    --staged "$build/qgis_processing/lode" --library "$build/lib/liblode.so"

for language in ${LODE_LOOK_ROUNDS:-en es zh}; do
    profile=$work/$language
    "$root/tests/qgis/profile.sh" "$profile"
    export QGIS_CUSTOM_CONFIG_PATH=$profile LODE_LOOK=$out LODE_LOOK_ONLY=
    if [ "$language" != en ]; then
        locale=${language/zh/zh-Hans} # as QGIS calls it
        sed -i "s/userLocale=.*/userLocale=$locale/" "$profile/profiles/default/QGIS/QGIS3.ini"
        export LODE_LOOK=$out/$language LODE_LOOK_ONLY=$language
        mkdir -p "$LODE_LOOK" "$profile/profiles/default/python/plugins"
        python3 -m zipfile -e "$LODE_LOOK_ZIP" "$profile/profiles/default/python/plugins"
    else
        sed -i '/^lode=true/d' "$profile/profiles/default/QGIS/QGIS3.ini" # look.py installs it
    fi
    timeout "${LODE_LOOK_TIMEOUT:-900}" xvfb-run -a -s "-screen 0 1500x950x24" \
        qgis --noversioncheck --nologo --code "$root/tests/qgis/look.py" >"$LODE_LOOK/log.txt" 2>&1 ||
        { tail -n 20 "$LODE_LOOK/log.txt"; exit 1; }
done
find "$out" -name '*.png' | sort
