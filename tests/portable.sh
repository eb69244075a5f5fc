#!/bin/bash
# portable.sh ARCH [FOLDER] - builds the library with Debian's cross compiler for ARCH and runs the module
# tests under qemu: s390x is big-endian, armhf has 32 bits. Needs root (for debootstrap) and the packages
# debootstrap, qemu-user, g++-TRIPLET. FOLDER keeps that architecture's libraries for the next run
# (default /var/tmp/lode-ARCH); LODE_DISTRO_KEEP=no deletes it. Programs run there some thirty times
# slower, so the tests do less (LODE_TEST_BRIEF), and those named in LODE_PORTABLE_SKIP (a regular
# expression) not at all.
set -eu
arch=${1:?which architecture: s390x, armhf ...}
root=$(realpath "$(dirname "$0")/..")
folder=${2:-/var/tmp/lode-$arch}
build=${LODE_BUILD:-$root/build}-$arch
triplet=$(dpkg-architecture -a "$arch" -q DEB_HOST_GNU_TYPE 2>/dev/null)
cpu=$(dpkg-architecture -a "$arch" -q DEB_HOST_GNU_CPU 2>/dev/null)
. "$root/tests/packages.sh"
lode_install debootstrap qemu-user "g++-$triplet" cmake ninja-build

if [ ! -e "$folder/made" ]; then
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort -u |
        head -n 1)
    # Nothing of that architecture has to run for this: the packages are only unpacked.
    debootstrap --foreign --arch="$arch" --variant=minbase \
        --include=libgdal-dev,libgeos-dev,libproj-dev,libjansson-dev,libcmocka-dev,libc6-dev \
        "$suite" "$folder" "$mirror" >"$folder.log" 2>&1 || { tail -n 5 "$folder.log"; exit 1; }
    for package in "$folder"/var/cache/apt/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
    # Alternatives are links that a package's installation would make.
    for name in blas lapack; do
        ln -sf "$name/lib$name.so.3" "$folder/usr/lib/$triplet/lib$name.so.3"
    done
    touch "$folder/made"
fi

mkdir -p "$build"
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
export PKG_CONFIG_SYSROOT_DIR=$folder
export PKG_CONFIG_LIBDIR=$folder/usr/lib/$triplet/pkgconfig:$folder/usr/share/pkgconfig
cmake -S "$root" -B "$build" -G Ninja "${launcher[@]}" -DCMAKE_SYSTEM_NAME=Linux \
    -DCMAKE_SYSTEM_PROCESSOR="$cpu" -DCMAKE_C_COMPILER="$triplet-gcc" \
    -DCMAKE_CXX_COMPILER="$triplet-g++" -DCMAKE_SYSROOT="$folder" -DCMAKE_FIND_ROOT_PATH="$folder" \
    -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY \
    -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY \
    -DCMAKE_LIBRARY_ARCHITECTURE="$triplet" \
    -DCMAKE_EXE_LINKER_FLAGS="-Wl,-rpath-link,$folder/usr/lib/$triplet" \
    -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-$cpu;-L;$folder" -DLODE_WERROR=OFF -DLODE_BUILD_CLI=OFF \
    -DLODE_BUILD_GDAL=OFF -DLODE_BUILD_QGIS=OFF >"$build/configure.log" 2>&1 ||
    { tail -n 20 "$build/configure.log"; exit 1; }
cmake --build "$build" -j "${LODE_JOBS:-2}" >"$build/build.log" || { tail -n 30 "$build/build.log"; exit 1; }
[ "${LODE_PORTABLE_BUILD_ONLY:-no}" = yes ] && exit 0
status=0
LODE_TEST_BRIEF=1 GDAL_DATA=$folder/usr/share/gdal PROJ_DATA=$folder/usr/share/proj \
    ctest --test-dir "$build" -L unit -j "${LODE_JOBS:-2}" --timeout 600 --output-on-failure \
    -E "${LODE_PORTABLE_SKIP:-^$}" "${@:3}" || status=$?
[ "${LODE_DISTRO_KEEP:-yes}" = yes ] || rm -rf --one-file-system "$folder"
exit $status
