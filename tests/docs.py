"""docs.py [--results TSV] FILE... - runs the command blocks of Markdown files.

Every block fenced as ```sh runs with bash in a scratch folder that holds a copy of sample_data, with
the built lode, its GDAL plugin and its QGIS plugin in reach. Blocks of one file run in order, in one
folder. A block that cannot run here is preceded by a line `<!-- not run: REASON -->`; it is counted as
skipped, with that reason. A block fenced as ```text or without a language is not a command."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("LODE_BUILD", os.path.join(ROOT, "build"))
BLOCK = re.compile(r"(?:^<!-- not run: (?P<reason>.*?) -->\s*\n)?^```(?:sh|bash)\n(?P<code>.*?)^```$",
                   re.MULTILINE | re.DOTALL)
LIMIT = 600  # seconds a block may take


def environment():
    env = dict(os.environ)
    env["PATH"] = os.path.join(BUILD, "bin") + ":" + env["PATH"]
    env["GDAL_DRIVER_PATH"] = plugin_folder()
    env["LODE_SOURCE"] = ROOT
    env["LODE_BUILD"] = BUILD
    env["QT_QPA_PLATFORM"] = "offscreen"
    env["LODE_LIBRARY"] = os.path.join(BUILD, "lib", "liblode.so")
    return env


def plugin_folder():
    for folder, _, files in os.walk(BUILD):
        if "gdal_LODE.so" in files:
            return folder
    return os.path.join(BUILD, "gdalplugins")


def run_block(code, folder):
    """None when the block succeeds, else what went wrong."""
    try:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", code], cwd=folder,
                              env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LIMIT, text=True, errors="replace")
    except subprocess.TimeoutExpired:
        return f"took more than {LIMIT} s"
    if done.returncode == 0:
        return None
    last = done.stdout.strip().splitlines()[-8:]
    print("\n".join(last))
    return f"exit status {done.returncode}: {' / '.join(last)[-300:]}"


def blocks(path):
    text = open(path, encoding="utf-8").read()
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start("code")), match["code"], match["reason"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    table = open(arguments.results, "w", encoding="utf-8") if arguments.results else sys.stdout
    failed = 0
    for path in arguments.files:
        if not os.path.exists(path):
            print(f"docs\t{path}\tfailed\tthere is no such file", file=table, flush=True)
            failed += 1
            continue
        with tempfile.TemporaryDirectory(prefix="lode-docs-") as folder:
            shutil.copytree(os.path.join(ROOT, "sample_data"), os.path.join(folder, "sample_data"))
            for line, code, reason in blocks(path):
                name = f"{os.path.relpath(path, ROOT)}:{line}"
                problem = None if reason else run_block(code, folder)
                state = "skipped" if reason else "failed" if problem else "passed"
                failed += state == "failed"
                tail = reason or (problem or "").replace("\t", " ").replace("\n", " ")
                print(f"docs\t{name}\t{state}\t{tail}", file=table, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
