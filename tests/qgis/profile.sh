#!/bin/bash
# profile.sh FOLDER: prepares a fresh QGIS profile in FOLDER with the Lode plugin enabled.
# Then run QGIS with QGIS_CUSTOM_CONFIG_PATH=FOLDER QGIS_PLUGINPATH=<plugins folder>.
set -e
ini="$1/profiles/default/QGIS/QGIS3.ini"
mkdir -p "$(dirname "$ini")"
cat > "$ini" <<'INI'
[PythonPlugins]
lode=true
processing=true

[app]
projections\unknownCrsBehavior=NoAction

[qgis]
checkVersion=false
showTips332=false
showTips322=false
askToSaveMemoryLayers=false

[locale]
overrideFlag=true
userLocale=en_US

[Processing]
Configuration\KEEP_DIALOG_OPEN=true
INI
