#!/bin/bash
# distro.sh SUITE [packages|tests|all] [TESTS...] - makes a Debian of that name (bookworm, trixie ...) in
# a folder with debootstrap and, inside it, builds and checks the packages (tests/install.sh) and runs
# tests/run.sh (all of it, or only the TESTS named). Needs root. LODE_ARCH=i386 makes a Debian of 32 bits
# on a PC. The folder (LODE_DISTRO, default /var/tmp/lode-SUITE) is kept for the next run;
# LODE_DISTRO_KEEP=no deletes it.
set -eu
suite=${1:?which Debian: bookworm, trixie ...}
what=${2:-all}
source=$(realpath "$(dirname "$0")/..")
arch=${LODE_ARCH:-$(dpkg --print-architecture)}
folder=${LODE_DISTRO:-/var/tmp/lode-$suite}
[ "$(id -u)" -eq 0 ] || { echo "distro.sh needs root for debootstrap and chroot."; exit 1; }
. "$source/tests/packages.sh"
lode_install debootstrap

# The mirror this machine itself uses; never one that is written down here.
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort -u |
    head -n 1)
[ -n "$mirror" ] || { echo "apt knows no mirror."; exit 1; }

release() {
    for place in proc dev sys; do
        mountpoint -q "$folder/$place" && umount -l "$folder/$place"
    done
    if [ "${LODE_DISTRO_KEEP:-yes}" = no ] && ! mountpoint -q "$folder/proc" &&
        ! mountpoint -q "$folder/dev" && ! mountpoint -q "$folder/sys"; then
        rm -rf --one-file-system "$folder"
    fi
}

if [ ! -e "$folder/made" ]; then
    script=()
    [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=(/usr/share/debootstrap/scripts/sid)
    debootstrap --arch="$arch" --variant=minbase --include=ca-certificates "$suite" "$folder" "$mirror" \
        "${script[@]}" >"$folder.log" 2>&1 || { tail -n 5 "$folder.log"; exit 1; }
    for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf.d/*Proxy*; do
        [ -e "$file" ] && cp "$file" "$folder/etc/apt/apt.conf.d/"
    done
    cp /etc/resolv.conf "$folder/etc/resolv.conf"
    # A sync after every file makes hours of what takes minutes; this folder need not survive a power cut.
    echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/unsafe-io"
    touch "$folder/made"
fi
trap release EXIT
mount -t proc proc "$folder/proc"
mount --bind -o ro /sys "$folder/sys" # where Open MPI 5 reads what processors there are
mount --rbind /dev "$folder/dev"
mount --make-rslave "$folder/dev"

rm -rf "$folder/lode"
mkdir -p "$folder/lode"
git -C "$source" ls-files -z --cached --others --exclude-standard |
    (cd "$source" && xargs -0 cp --parents -t "$folder/lode" 2>/dev/null) || true
shared=${LODE_SHARED_DATA:-$source/../shared/data}
if [ -d "$shared" ]; then
    mkdir -p "$folder/shared"
    rm -rf "$folder/shared/data"
    cp -r "$shared" "$folder/shared/data"
fi

inside() {
    chroot "$folder" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" LODE_JOBS="${LODE_JOBS:-2}" \
        LODE_SUITE_SECONDS="${LODE_SUITE_SECONDS:-3600}" \
        bash -ec "cd /lode && $1"
}

inside 'tests/packages.sh build && . /etc/os-release && echo "$PRETTY_NAME, GDAL $(gdal-config --version)"'
if [ "$what" != tests ]; then
    inside '. tests/packages.sh; lode_install "${LODE_PACKAGE_PACKAGES[@]}"' # lrelease is looked for by cmake
    inside 'cmake -S . -B build-package -G Ninja -DCMAKE_INSTALL_PREFIX=/usr -DLODE_BUILD_TESTS=OFF \
            -DLODE_WERROR=ON >/dev/null &&
        cmake --build build-package -j $LODE_JOBS | tail -n 1 &&
        (cd build-package && cpack -G DEB >/dev/null) && tests/install.sh build-package'
fi
if [ "$what" != packages ]; then
    inside "tests/run.sh ${*:3}"
fi
