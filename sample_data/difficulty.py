#!/usr/bin/env python3
"""How hard is a simulated survey? AUC at the hidden deposits of each element alone, of its mean over
5 x 5 cells, and of ridge logistic regressions trained on the known deposits. numpy and GDAL only.

    python3 sample_data/difficulty.py [FOLDER]
"""
import os
import sys

import numpy as np
from osgeo import gdal, ogr

gdal.UseExceptions()
folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))


def auc(positive, negative):
    values = np.concatenate([positive, negative])
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    for value in np.unique(positive):
        same = values == value
        ranks[same] = ranks[same].mean()
    n, m = len(positive), len(negative)
    return (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)


def smooth(band, valid, radius):
    total, weight = np.zeros_like(band), np.zeros_like(band)
    padded = np.pad(np.where(valid, band, 0), radius)
    counts = np.pad(valid.astype(float), radius)
    size = 2 * radius + 1
    for dy in range(size):
        for dx in range(size):
            total += padded[dy:dy + band.shape[0], dx:dx + band.shape[1]]
            weight += counts[dy:dy + band.shape[0], dx:dx + band.shape[1]]
    return total / np.maximum(weight, 1)


def logistic(x, y, strength):
    x1 = np.hstack([x, np.ones((len(x), 1))])
    w = np.zeros(x1.shape[1])
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    ridge = np.full(len(w), strength)
    ridge[-1] = 0
    for _ in range(30):
        p = 1 / (1 + np.exp(-x1 @ w))
        gradient = x1.T @ (weight * (p - y)) + ridge * w
        curve = (x1 * (weight * p * (1 - p))[:, None]).T @ x1 + np.diag(ridge)
        w -= np.linalg.solve(curve + 1e-9 * np.eye(len(w)), gradient)
    return w


raster = gdal.Open(os.path.join(folder, "stack.tif"))
names = [raster.GetRasterBand(i + 1).GetDescription() for i in range(raster.RasterCount)]
stack = raster.ReadAsArray().astype(float)
valid = (stack != -9999).all(axis=0)
transform = raster.GetGeoTransform()


def cells(name):
    source = ogr.Open(os.path.join(folder, name))
    points = [f.GetGeometryRef().GetPoint_2D() for f in source.GetLayer(0)]
    rows = [int((transform[3] - y) / -transform[5]) for _, y in points]
    columns = [int((x - transform[0]) / transform[1]) for x, _ in points]
    inside = [(r, c) for r, c in zip(rows, columns) if valid[r, c]]
    return tuple(np.array(inside).T)


known, hidden = cells("deposits.gpkg"), cells("truth.gpkg")
logs = np.log(np.where(stack > 0, stack, 1))
clr = logs - logs.mean(axis=0)
rng = np.random.default_rng(0)
everywhere = np.argwhere(valid)
test = tuple(everywhere[rng.choice(len(everywhere), 5000, replace=False)].T)
far = [(r, c) for r, c in everywhere if np.hypot(known[0] - r, known[1] - c).min() > 4]
train = tuple(np.array(far)[rng.choice(len(far), 2000, replace=False)].T)

print(f"{len(names)} bands, {valid.mean():.1%} of cells with data, "
      f"{len(known[0])} known and {len(hidden[0])} hidden deposits on them")
singles = sorted(((auc(stack[i][hidden], stack[i][test]), n) for i, n in enumerate(names)),
                 reverse=True)
samples = ogr.Open(os.path.join(folder, "samples.gpkg"))
sites = np.array([f.GetGeometryRef().GetPoint_2D() for f in samples.GetLayer(0)])


def mean_distance(places):
    """Control: how far the 16 nearest samples are. A fair survey gives 0.5."""
    east = transform[0] + (np.asarray(places[1]) + 0.5) * transform[1]
    north = transform[3] + (np.asarray(places[0]) + 0.5) * transform[5]
    gaps = np.hypot(east[:, None] - sites[:, 0], north[:, None] - sites[:, 1])
    return np.sort(gaps, axis=1)[:, :16].mean(axis=1)


print(f"sampling density alone: {auc(-mean_distance(hidden), -mean_distance(test)):.2f}")
print("one element:   ", " ".join(f"{n} {a:.2f}" for a, n in singles[:12]), "...",
      " ".join(f"{n} {a:.2f}" for a, n in singles[-4:]))
scaled = np.array([(b - np.median(b[valid])) / b[valid].std() for b in clr]).clip(-5, 5)
smoothed = np.array([smooth(b, valid, 2) for b in scaled])
around = np.array([smooth(b, valid, 10) for b in scaled])
means = [smooth(b, valid, 2) for b in logs]
top = sorted(((auc(b[hidden], b[test]), n) for b, n in zip(means, names)), reverse=True)
print("smoothed 5 x 5:", " ".join(f"{n} {a:.2f}" for a, n in top[:6]))
for label, planes in (("clr", scaled), ("clr, smoothed", smoothed),
                      ("clr, around", np.concatenate([scaled, around]))):
    line = []
    for strength in (1e-4, 1e-3, 1e-2, 1e-1):
        x = np.hstack([planes[(slice(None),) + known],
                       planes[(slice(None),) + train]]).T
        y = np.arange(x.shape[0]) < len(known[0])
        w = logistic(x, y, strength)
        score = np.tensordot(w[:-1], planes, 1)
        captured = (score[hidden] > np.quantile(score[valid], 0.9)).mean()
        line.append(f"{auc(score[hidden], score[test]):.3f} ({captured:.0%})")
    print(f"ridge logistic on {label:14s} strength 1e-4..1e-1, AUC (in top 10 %):", "  ".join(line))
