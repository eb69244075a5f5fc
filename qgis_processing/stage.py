#!/usr/bin/env python3
"""Makes the plugin folder (translations compiled, licence and version put in) and packs it."""
import argparse
import pathlib
import platform
import shutil
import subprocess
import sys
import zipfile

SKIPPED = ("__pycache__", "*.pyc", "*.ts")


def describe(path, version, maintainer, repository):
    """Puts what the build knows into metadata.txt."""
    name, _, mail = maintainer.rstrip("> ").partition(" <")
    known = {"version": version, "author": name, "email": mail}
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        key = line.partition("=")[0]
        lines.append("{}={}".format(key, known[key]) if known.get(key) else line)
    if repository:
        lines += ["homepage=" + repository, "repository=" + repository,
                  "tracker={}/issues".format(repository.rstrip("/"))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def stage(given):
    """The folder as QGIS loads it."""
    source, out = given.source, given.out
    if out.exists():
        shutil.rmtree(out)
    shutil.copytree(source, out, ignore=shutil.ignore_patterns(*SKIPPED))
    shutil.copy(given.license, out / "LICENSE")
    describe(out / "metadata.txt", given.version, given.maintainer, given.repository)
    translate(source / "i18n", out / "i18n", given.lrelease)
    if given.command:
        registry = subprocess.run([given.command, "tasks", "--json"], check=True,
                                  capture_output=True)
        (out / "tasks.json").write_bytes(registry.stdout)


def translate(source, out, lrelease):
    """Compiles the translations; without lrelease the plugin speaks English."""
    if not lrelease or lrelease.endswith("NOTFOUND"):
        print("lrelease is not installed: the plugin is staged without translations.")
        return
    out.mkdir(exist_ok=True)
    for ts in sorted(source.glob("*.ts")):
        subprocess.run([lrelease, "-silent", str(ts), "-qm", str(out / (ts.stem + ".qm"))],
                       check=True)


def library_place(library):
    """lib/<os>-<arch>/ and the file name that native.py looks for."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    machine = platform.machine().lower().replace("amd64", "x86_64").replace("aarch64", "arm64")
    name = {"windows": "lode.dll", "macos": "liblode.dylib"}.get(system, "liblode.so")
    return "lode/lib/{}-{}/{}".format(system, machine, name), pathlib.Path(library).resolve()


def pack(staged, target, library):
    """A ZIP whose only top entry is the folder lode/."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(staged.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, "lode/" + path.relative_to(staged).as_posix())
        if library:
            name, path = library_place(library)
            archive.write(path, name)
    print("{} ({:.1f} MB)".format(target, target.stat().st_size / 1e6))


def main():
    """The command line that CMake calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("source", "out", "license", "staged", "zip"):
        parser.add_argument("--" + name, type=pathlib.Path)
    for name in ("version", "lrelease", "library", "command", "maintainer", "repository"):
        parser.add_argument("--" + name, default="")
    given = parser.parse_args()
    if given.source:
        stage(given)
    if given.zip:
        pack(given.staged, given.zip, given.library)


if __name__ == "__main__":
    main()
