"""pretraining.py - contrastive pretraining of the dense encoder: lode pretrain against a PyTorch loop over
windows, for the same number of anchors.

    /usr/bin/python3 tests/bench/pretraining.py [--steps 300] [--threads 1,2] [--measured 3] [--only PART]
        [--seeds 16] [--loop-seeds 8] [--first-loop-seed 1] [--deposits 400]

Both train the default network (33 x 33 cells, width 32, 64 numbers, projection head of 64) by SimCLR
with 512 anchors a step, two views each, NT-Xent at temperature 0.5, AdamW. The loop cuts two 33 x 33
windows for every anchor out of channels in memory, changes them (channel dropout, offsets, noise, mirror
images, jitter), and runs the network on them. PARTs:

    speed      lode pretrain on sample_data, timed whole, with reading, recipe and writing; the loop from
               --measured steps after a first one
    threads    lode with one thread, with two, and two processes of one thread side by side
    auc        what the encoders are worth: the loop is trained to as many anchors as well, its encoder put
               into the model file, and the AUC of heads on both embeddings, held out in the same spatial
               folds (lode fit), compared: for --seeds seeds of lode and --loop-seeds of the loop, two at
               least. On a survey that lode simulate makes with --deposits known deposits, since the few
               of sample_data cannot tell encoders apart; with 0 on sample_data. Not run unless named: a
               seed of the loop takes 4 to 10 minutes for 100 steps.

Wall seconds: nothing else may run; with one thread processor seconds. LODE_BUILD names the build folder."""
import argparse
import json
import pathlib
import shutil
import struct
import tempfile

import numpy as np

from map import SAMPLE, at_once, best_of, channels_of, clock, run, seconds_of

ANCHORS, HALF, TEMPERATURE, JITTER = 512, 16, 0.5, 2


class Loop:
    """Window-by-window SimCLR in PyTorch."""

    def __init__(self, channels, threads, steps, seed=1):
        import torch
        from torch_dense import Dense
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        self.clock = clock(threads)
        self.torch, self.channels, self.steps = torch, channels, steps
        self.network = Dense(channels.shape[0], 2 * HALF + 1, 32, 64, 5)
        self.head = torch.nn.Sequential(torch.nn.Linear(64, 64, bias=False), torch.nn.BatchNorm1d(64),
                                        torch.nn.ReLU(), torch.nn.Linear(64, 64))
        parameters = [*self.network.parameters(), *self.head.parameters()]
        self.optimiser = torch.optim.AdamW(parameters, 1e-3, weight_decay=1e-4)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(self.optimiser, 1e-3, total_steps=steps + 1,
                                                            pct_start=0.1)
        margin = HALF + JITTER
        inside = channels[-1, margin:-margin, margin:-margin] > 0
        self.places = np.argwhere(inside) + margin
        self.random = np.random.default_rng(seed)

    def view(self, places):
        """[anchors][channels][33][33] windows around places, changed."""
        windows = np.stack([self.channels[:, y - HALF:y + HALF + 1, x - HALF:x + HALF + 1]
                            for y, x in places])
        torch, count = self.torch, len(places)
        for axis in (2, 3):
            turned = self.random.random(count) < 0.5
            windows[turned] = np.flip(windows[turned], axis)
        windows = torch.from_numpy(windows)
        values, mask = windows[:, :-1], windows[:, -1:]
        values += 0.5 * torch.randn(count, values.shape[1], 1, 1) + 0.1 * torch.randn(values.shape)
        values *= (torch.rand(count, values.shape[1], 1, 1) >= 0.3) * (mask > 0)
        return windows

    def step(self):
        torch = self.torch
        anchors = self.places[self.random.choice(len(self.places), ANCHORS, replace=False)]
        moved = anchors + self.random.integers(-JITTER, JITTER + 1, anchors.shape)
        x = torch.cat([self.view(anchors), self.view(moved)])
        z = torch.nn.functional.normalize(self.head(self.network(x).flatten(1)))
        similar = z @ z.T / TEMPERATURE
        similar.fill_diagonal_(float("-inf"))
        partner = torch.arange(2 * ANCHORS).roll(ANCHORS)
        loss = torch.nn.functional.cross_entropy(similar, partner)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.schedule.step()

    def rate(self, measured):
        """Anchors a second."""
        self.step()
        start = self.clock()
        for _ in range(measured):
            self.step()
        return measured * ANCHORS / (self.clock() - start)


def put_encoder(network, model, out):
    """Copies a model file with the weights of a PyTorch network."""
    content = bytearray(pathlib.Path(model).read_bytes())
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])

    def put(name, values):
        start, end = (8 + size + offset for offset in header["encoder." + name]["data_offsets"])
        content[start:end] = np.ascontiguousarray(values.detach().numpy(), "<f4").tobytes()
    for i, (convolution, norm) in enumerate(zip(network.convolutions, network.norms)):
        put(f"conv{i}.weight", convolution.weight.permute(2, 3, 1, 0))
        for part, values in (("gain", norm.weight), ("offset", norm.bias), ("mean", norm.running_mean),
                             ("variance", norm.running_var)):
            put(f"conv{i}.{part}", values)
    network_weight = [part.weight[:, :, 0, 0].T for part in network.embedding]
    import torch
    put("embedding.weight", torch.stack(network_weight))
    put("embedding.bias", network.embedding[0].bias)
    pathlib.Path(out).write_bytes(content)


def auc(survey, folder, model):
    """AUC of a head on the embedding alone, in spatial folds."""
    run("fit", model, survey / "stack.tif", survey / "deposits.gpkg", folder / "fitted.lode", "--inputs",
        "embedding", "--json", folder / "fit.json")
    return json.loads((folder / "fit.json").read_text())["head"]["choice"]["auc"]


def loop_auc(survey, folder, model, threads, steps, seed):
    loop = Loop(channels_of(survey, folder, model), threads, steps, seed)
    for _ in range(steps):
        loop.step()
    put_encoder(loop.network, model, folder / "loop.lode")
    return auc(survey, folder, folder / "loop.lode")


def timed(folder, steps, threads, number=0, seed=1, survey=SAMPLE):
    """(wall seconds, processor seconds, peak MiB) of lode pretrain."""
    return run("pretrain", survey / "stack.tif", folder / f"model{number}.lode", "--steps", steps, "--threads",
               threads, "--seed", seed)


def pretrained(folder, steps, seed=1, survey=SAMPLE):
    timed(folder, steps, 2, seed=seed, survey=survey)
    return folder / "model0.lode"


def speed(folder, options, counts):
    for threads in counts:
        loop = Loop(channels_of(SAMPLE, folder, pretrained(folder, 5)), threads, options.steps)
        ours, theirs = best_of(2, lambda threads=threads: seconds_of(timed(folder, options.steps, threads),
                                                                     threads),
                               lambda loop=loop: 1 / loop.rate(options.measured))
        rate = options.steps * ANCHORS / ours
        print(f"{threads} threads: lode pretrain {ours:.1f} s, {rate:.0f} anchors/s; PyTorch loop "
              f"{1 / theirs:.0f} anchors/s; ratio {rate * theirs:.1f}")


def two_threads(folder, options):
    one, two, pair = best_of(3, lambda: timed(folder, options.steps, 1)[0],
                             lambda: timed(folder, options.steps, 2)[0],
                             lambda: at_once(lambda number: timed(folder, options.steps, 1, number)))
    print(f"threads: 1 takes {one:.1f} s, 2 take {two:.1f} s; ratio {one / two:.2f}; two processes of one "
          f"thread each: {2 * one / pair:.2f}, what the machine allows")


def worth(folder, options, threads):
    survey = SAMPLE
    if options.deposits:
        survey = folder / "survey"
        run("simulate", "--known", options.deposits, "--seed", 11, survey)
    model = pretrained(folder, options.steps, survey=survey)
    makers = {"loop": (options.first_loop_seed, options.loop_seeds,
                       lambda seed: loop_auc(survey, folder, model, threads, options.steps, seed)),
              "lode": (1, options.seeds,
                       lambda seed: auc(survey, folder, pretrained(folder, options.steps, seed, survey)))}
    means, errors = {}, {}
    for name, (first, seeds, make) in makers.items():
        values = [make(seed) for seed in range(first, first + seeds)]
        means[name], errors[name] = np.mean(values), np.std(values, ddof=1) / np.sqrt(seeds)
        print(f"AUC of heads on the embedding, {name}: mean {means[name]:.4f} ({min(values):.3f} to "
              f"{max(values):.3f}, {seeds} seeds), standard error {errors[name]:.4f}", flush=True)
    print(f"lode less loop: {means['lode'] - means['loop']:.4f}, standard error "
          f"{np.hypot(errors['lode'], errors['loop']):.4f}")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--steps", type=int, default=300)
    parse.add_argument("--threads", default="1,2")
    parse.add_argument("--measured", type=int, default=3)
    parse.add_argument("--only", choices=["speed", "threads", "auc"])
    parse.add_argument("--seeds", type=int, default=16)
    parse.add_argument("--loop-seeds", type=int, default=8)
    parse.add_argument("--first-loop-seed", type=int, default=1)
    parse.add_argument("--deposits", type=int, default=400)
    options = parse.parse_args()
    try:
        import torch
        print(f"PyTorch {torch.__version__}, {ANCHORS} anchors a step, {options.steps} steps")
    except ImportError as missing:
        print(f"No comparison with PyTorch: {missing} (Debian: python3-torch).")
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lode-bench-"))
    counts = [int(word) for word in options.threads.split(",")]
    try:
        if options.only in (None, "speed"):
            speed(folder, options, counts)
        if options.only in (None, "threads"):
            two_threads(folder, options)
        if options.only == "auc":
            worth(folder, options, max(counts))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
