#!/bin/bash
# run.sh [NAME...] - measures Lode's speed beside its rivals, all of it or only the parts named, and
# prints what docs/performance.md quotes. Needs a build (LODE_BUILD, default build/) and a machine
# with nothing else to do; takes about half an hour. A rival that is not installed is named and left out.
#
#   dense      multiplications of the dense encoder beside OpenBLAS's SGEMM
#   step       a training step of ResNet-50 and MobileNetV2 beside PyTorch
#   map        a map by the dense encoder beside PyTorch, and how it scales
#   pretrain   contrastive pretraining beside a PyTorch loop over windows
#   gdal       gdal_translate beside lode predict, lode_score beside GDAL's sum; plugin start-up
#   idw        lode grid beside gdal_grid
#   waiting    lode --help, opening a model, a vast stack, lode map on the sample data, a task in QGIS
cd "$(dirname "$0")/../.." || exit 1
export LODE_BUILD=${LODE_BUILD:-$PWD/build} OPENBLAS_NUM_THREADS=1 LC_ALL=C.UTF-8
python=/usr/bin/python3
parts=("${@:-dense step map pretrain gdal idw waiting}")

part() { # part NAME COMMAND...
    local name=$1
    shift
    [[ " ${parts[*]} " == *" $name "* ]] || return 0
    echo
    echo "== $name: $*"
    "$@" || echo "$name ended with an error"
}

bench() { # bench TARGET ARGUMENT...: a benchmark written in C, built first
    local name=$1
    shift
    if cmake --build "$LODE_BUILD" --target "$name" >/dev/null 2>&1; then
        "$LODE_BUILD/bin/$name" "$@"
    else
        echo "$name cannot be built here (bench_dense needs OpenBLAS: Debian's libopenblas-dev)."
    fi
}

echo "Lode $(cat VERSION), $(git rev-parse --short HEAD 2>/dev/null || echo 'no repository')"
grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: //'
echo "$(nproc) processors, $(gdalinfo --version | cut -d, -f1)"
cmake --build "$LODE_BUILD" --target bench_step bench_register gdal_EMPTY >/dev/null 2>&1
part dense bench bench_dense 32 33
part dense bench bench_dense 64 17
part step $python tests/bench/training_step.py 1
part map $python tests/bench/map.py
part pretrain $python tests/bench/pretraining.py
part gdal $python tests/bench/gdal_translate.py
part gdal $python tests/bench/gdal_plugin.py
part gdal $python tests/bench/gdal_evaluations.py
part idw $python tests/bench/idw.py
part waiting $python tests/bench/waiting.py
part waiting $python tests/bench/qgis_start.py
