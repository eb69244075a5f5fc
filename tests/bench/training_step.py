"""One training step of ResNet-50 and MobileNetV2 in Lode and in PyTorch, in turns on an otherwise
idle machine: 64 windows of 32 x 32 cells and 39 bands, float32, the same threads, AdamW.

    cmake --build build --target bench_step
    /usr/bin/python3 tests/bench/training_step.py [THREADS] [REPEATS]

With one thread CPU seconds are compared, so that a busy machine does not matter.
Needs python3-torch and python3-torchvision; says so when they are missing."""
import json
import os
import subprocess
import sys
import time
from pathlib import Path

BUILD = Path(os.environ.get("LODE_BUILD", Path(__file__).resolve().parents[2] / "build"))
THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else len(os.sched_getaffinity(0))
REPEATS = int(sys.argv[2]) if len(sys.argv) > 2 else 5

try:
    import torch
    import torchvision
except ImportError as missing:
    print(f"No comparison with PyTorch: {missing} (Debian: python3-torch, python3-torchvision).")
    torch = None


def lode(name):
    done = subprocess.run([BUILD / "bin" / "bench_step", name, str(THREADS), str(REPEATS)],
                          check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def pytorch(name):
    torch.set_num_threads(THREADS)
    if name == "resnet50":
        net = torchvision.models.resnet50(num_classes=2)
        net.conv1 = torch.nn.Conv2d(39, 64, 7, stride=2, padding=3, bias=False)
    else:
        net = torchvision.models.mobilenet_v2(num_classes=2)
        net.features[0][0] = torch.nn.Conv2d(39, 32, 3, stride=2, padding=1, bias=False)
    optimiser = torch.optim.AdamW(net.parameters())
    x, label = torch.randn(64, 39, 32, 32), torch.arange(64) % 2
    best = float("inf")
    clock = time.process_time if THREADS == 1 else time.perf_counter
    for _ in range(REPEATS):
        start = clock()
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(x), label).backward()
        optimiser.step()
        best = min(best, clock() - start)
    return best


print(f"{THREADS} threads, fastest of {REPEATS} steps, load average {os.getloadavg()[0]:.1f}")
for name in ("mobilenetv2", "resnet50"):
    ours = lode(name)
    line = (f"{name:12} Lode {ours['seconds']:.3f} s, {100 * ours['rate'] / ours['peak']:.0f} % of "
            f"its SGEMM peak of {ours['peak'] / 1e9:.0f} GF/s")
    if torch:
        theirs = pytorch(name)
        line += f"; PyTorch {torch.__version__} {theirs:.3f} s; ratio {theirs / ours['seconds']:.2f}"
    print(line)
