"""measure.py - runs a command and says what it took; shared by the benchmarks."""
import json
import subprocess
import sys

# A process starts with the peak memory of the one that started it, and a benchmark that has loaded PyTorch
# is large: so a small process stands between.
LAUNCHER = """
import json, os, sys, time
start = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
sys.stderr.write(json.dumps([status, time.monotonic() - start, usage.ru_utime + usage.ru_stime,
                             usage.ru_maxrss / 1024]))
"""


def measured(*words, env=None):
    """(wall seconds, processor seconds, peak MiB) of a command; ends the benchmark when it fails."""
    process = subprocess.run([sys.executable, "-S", "-E", "-c", LAUNCHER, *map(str, words)], env=env,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    messages, _, facts = process.stderr.rpartition("[")
    status, wall, processor, memory = json.loads("[" + facts)
    if status:
        sys.exit(f"{' '.join(map(str, words))} failed\n{messages}")
    return wall, processor, memory
