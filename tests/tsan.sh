#!/bin/bash
# tsan.sh [TABLE] - the module tests that use threads, and the GDAL driver in a program with 16 threads,
# built with ThreadSanitizer. Results go to TABLE as tests/run.sh wants them, else to the terminal. GDAL
# itself is not instrumented: what it does with its own locks is in tests/tsan.supp.
cd "$(dirname "$0")/.." || exit 1
table=${1:-/dev/stdout}
build=${LODE_BUILD:-$PWD/build}-tsan
programs=(test_parallel test_team test_stack test_dense test_nn_net test_model test_windowed test_driver_threads)
mkdir -p "$build"
log=$build/tsan.log

launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
if ! { cmake -S . -B "$build" -G Ninja "${launcher[@]}" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DLODE_BUILD_CLI=OFF -DLODE_BUILD_QGIS=OFF -DLODE_SANITIZE=thread &&
        cmake --build "$build" -j "${LODE_JOBS:-1}" --target "${programs[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log"
    printf 'tsan\tbuild\tfailed\tsee %s\n' "$log" >>"$table"
    exit 1
fi

failed=0
for name in "${programs[@]}"; do
    if TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp second_deadlock_stack=1" LODE_TEST_BRIEF=1 \
        timeout 300 "$build/bin/$name" >"$log" 2>&1; then
        printf 'tsan\t%s\tpassed\t\n' "$name" >>"$table"
    else
        failed=1
        printf 'tsan\t%s\tfailed\t%s\n' "$name" \
            "$(grep -m 1 -E 'WARNING: ThreadSanitizer|SUMMARY|ERROR' "$log" | tr '\t' ' ')" >>"$table"
        tail -n 60 "$log"
    fi
done
exit $failed
