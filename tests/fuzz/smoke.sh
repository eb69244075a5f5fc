#!/bin/bash
# smoke.sh [TABLE] - builds the fuzzers and runs each on its seeds and for a few seconds more.
# Results go to TABLE as tests/run.sh wants them, else to the terminal.
#
# A long run, two hours say, that keeps what it finds in a folder of its own:
#   tests/fuzz/smoke.sh
#   mkdir -p found && build-fuzz/bin/fuzz_model -max_total_time=7200 -rss_limit_mb=2048 \
#       -artifact_prefix=found/ found tests/fuzz/corpus/model
# A crash leaves a file found/crash-...; put it into tests/fuzz/corpus/NAME/ with the fix: every
# smoke run replays all seeds.
cd "$(dirname "$0")/../.." || exit 1
table=${1:-/dev/stdout}
build=${LODE_BUILD:-$PWD/build}-fuzz
seconds=${LODE_FUZZ_SECONDS:-8}
log=$build/fuzz.log
mkdir -p "$build"

launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
if ! { cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
        "${launcher[@]}" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DLODE_BUILD_FUZZERS=ON -DLODE_BUILD_CLI=OFF \
        -DLODE_BUILD_GDAL=OFF -DLODE_BUILD_QGIS=OFF \
        -DLODE_SANITIZE=fuzzer-no-link,address,undefined &&
        cmake --build "$build" -j "${LODE_JOBS:-1}" --target fuzzers; } >"$log" 2>&1; then
    tail -n 30 "$log"
    printf 'fuzz\tbuild\tfailed\tsee %s\n' "$log" >>"$table"
    exit 1
fi

failed=0
for program in "$build"/bin/fuzz_*; do
    name=$(basename "$program")
    seeds=tests/fuzz/corpus/${name#fuzz_}
    scratch=$(mktemp -d)
    dictionary=()
    [ -f "tests/fuzz/${name#fuzz_}.dict" ] && dictionary=(-dict="tests/fuzz/${name#fuzz_}.dict")
    if ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 timeout 120 "$program" \
        -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -max_len=65536 -seed=1 \
        -print_final_stats=1 -artifact_prefix="$scratch/" "${dictionary[@]}" "$scratch" "$seeds" \
        >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        printf 'fuzz\t%s\tpassed\t%s runs\n' "$name" "$runs" >>"$table"
    else
        status=$?
        failed=1
        reason=$(grep -m 1 -E 'ERROR|runtime error|SUMMARY' "$log" | tr '\t' ' ')
        printf 'fuzz\t%s\tfailed\t%s\n' "$name" "${reason:-it ended with status $status}" >>"$table"
        tail -n 40 "$log"
        cp "$scratch"/{crash,oom,timeout,leak}-* "$build" 2>/dev/null
    fi
    rm -rf "$scratch"
done
exit $failed
