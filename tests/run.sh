#!/bin/bash
# run.sh - builds Lode and runs every test on a Debian machine, installing packages when missing.
#
#   tests/run.sh                 everything
#   tests/run.sh unit cli        only these suites
#
# Suites: unit      module tests (ctest)
#         cli       the lode command                        (pytest)
#         gdal      the GDAL plugin through GDAL's tools    (pytest)
#         qgis      the QGIS provider, offscreen            (pytest)
#         docs      command blocks of README.md and docs/, and the manual's site
#         sanitize  module tests with AddressSanitizer and UndefinedBehaviorSanitizer
#         valgrind  module tests under valgrind
#         fuzz      each fuzzer for a few seconds
#         tsan      programs with threads under ThreadSanitizer; only when it is named
# The last line sums all suites: "N passed, N failed, N skipped". Exit status 1 when a test failed or
# a suite gave no result. Logs: build/results/. Two lanes of suites run side by side.
cd "$(dirname "$0")/.." || exit 1
root=$PWD
build=${LODE_BUILD:-$root/build}
results=$build/results
python=/usr/bin/python3
jobs=${LODE_JOBS:-2}
limit=${LODE_SUITE_SECONDS:-1200} # for a suite that hangs; more for a busy machine
all=(unit cli gdal qgis docs sanitize valgrind fuzz)
suites=("${@:-${all[@]}}")

export LODE_BUILD=$build LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen PYTHONDONTWRITEBYTECODE=1
export OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}

wanted() {
    local suite
    for suite in "${suites[@]}"; do [ "$suite" = "$1" ] && return 0; done
    return 1
}

# record SUITE NAME passed|failed|skipped [REASON]
record() {
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$results/$1.tsv"
}

configure() { # configure FOLDER OPTION...
    local folder=$1
    shift
    cmake -S "$root" -B "$folder" -G Ninja -DLODE_WERROR=ON "$@" >"$results/configure.log" 2>&1 ||
        { cat "$results/configure.log"; return 1; }
    cmake --build "$folder" -j "$jobs"
}

# ---- Suites: each leaves results/NAME.xml (JUnit) or results/NAME.tsv (record) ---------------------

run_unit() {
    ctest --test-dir "$build" -L unit -j "$jobs" --timeout 120 --output-on-failure \
        --output-junit "$results/unit.xml"
}

run_pytest() { # run_pytest SUITE
    [ -d "tests/$1" ] || { record "$1" "tests/$1" failed "there is no folder tests/$1"; return; }
    timeout "$limit" $python -m pytest -p no:cacheprovider -q -rs --durations=5 \
        --junitxml="$results/$1.xml" "tests/$1"
}

run_cli() { run_pytest cli; }
run_gdal() { run_pytest gdal; }
run_qgis() { run_pytest qgis; }

run_docs() {
    timeout "$limit" $python tests/docs.py --results "$results/docs.tsv" README.md docs/*.md
    if cmake --build "$build" --target manual; then
        record docs "the manual's site" passed
    else
        record docs "the manual's site" failed "see $results/docs.log"
    fi
}

run_sanitize() {
    ASAN_OPTIONS=detect_leaks=0 configure "$build-sanitize" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DLODE_BUILD_QGIS=OFF \
        -DLODE_SANITIZE=address,undefined || return 1
    ASAN_OPTIONS=detect_stack_use_after_return=1:allocator_may_return_null=1 \
    LSAN_OPTIONS=suppressions=$root/tests/leaks.supp:print_suppressions=0 \
        ctest --test-dir "$build-sanitize" -L unit -j "$jobs" --timeout 300 --output-on-failure \
        --output-junit "$results/sanitize.xml"
}

# One test program under valgrind, with short trainings: it runs fifty times slower there.
valgrind_one() {
    local program=$1 name log status=0
    name=$(basename "$program")
    log=$results/valgrind-$name.log
    LODE_TEST_BRIEF=1 OPENBLAS_CORETYPE=Haswell timeout 600 valgrind -q \
        --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
        --suppressions="$root/tests/valgrind.supp" "$program" >"$log" 2>&1 || status=$?
    if [ "$status" -eq 0 ]; then
        record valgrind "$name" passed
    else
        record valgrind "$name" failed "exit status $status, see $log"
        tail -n 40 "$log"
    fi
}

run_valgrind() {
    export -f valgrind_one record
    export results root
    find "$build/bin" -maxdepth 1 -name 'test_*' -type f -perm -u+x | sort |
        xargs -P "$jobs" -I{} bash -c 'valgrind_one {}'
}

run_fuzz() {
    if [ -x tests/fuzz/smoke.sh ]; then
        tests/fuzz/smoke.sh "$results/fuzz.tsv"
    else
        record fuzz fuzzers failed "there is no tests/fuzz/smoke.sh"
    fi
}

run_tsan() { tests/tsan.sh "$results/tsan.tsv"; }

# ---- Running -----------------------------------------------------------------------------------------

run_suite() {
    local suite=$1 begin=$SECONDS
    wanted "$suite" || return 0
    "run_$suite" >"$results/$suite.log" 2>&1 || true
    echo "== $suite ($((SECONDS - begin)) s)"
    tail -n "${LODE_LOG_LINES:-15}" "$results/$suite.log"
}

lane() {
    local suite
    for suite in "$@"; do run_suite "$suite"; done
}

. tests/packages.sh
lode_install "${LODE_BUILD_PACKAGES[@]}" "${LODE_TEST_PACKAGES[@]}" && lode_install_clang_runtime ||
    { echo "The packages could not be installed."; exit 1; }
mkdir -p "$results" && rm -f "$results"/*
if ! configure "$build" >"$results/build.log" 2>&1; then
    tail -n 60 "$results/build.log"
    echo "The build failed: $results/build.log"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
lane unit
jobs=1 lane cli gdal docs qgis sanitize fuzz &
first=$!
jobs=1 lane valgrind tsan &
wait $first $!
exec $python tests/summary.py "$results" "${suites[@]}"
