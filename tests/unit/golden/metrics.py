#!/usr/bin/python3
"""Writes metrics.txt: what scikit-learn and SciPy say about random cases, for test_metrics.c.

Run: tests/unit/golden/metrics.py > tests/unit/golden/metrics.txt
Needs Debian's python3-sklearn and python3-scipy. The format is one word and its numbers a line:
`case NAME` starts a case, `score`, `deposit` and `weight` give the places, every other line is a
measure with the value expected.
"""
import numpy as np
from scipy import stats
from sklearn import calibration, metrics

RANDOM = np.random.RandomState(20240229)


def line(name, values):
    print(name, " ".join(repr(float(v)) for v in np.atleast_1d(values)))


def success_rate(deposit, score, weight):
    """Points of the capture-area curve: the ROC curve without dropping collinear points."""
    area, captured, _ = metrics.roc_curve(
        deposit, score, sample_weight=weight, drop_intermediate=False
    )
    return area, captured


def capture(deposit, score, weight, wanted):
    area, captured = success_rate(deposit, score, weight)
    after = np.searchsorted(area, wanted, side="right")
    if after == len(area):
        return captured[-1]
    part = (wanted - area[after - 1]) / (area[after] - area[after - 1])
    return captured[after - 1] + part * (captured[after] - captured[after - 1])


def prediction_area(deposit, score, weight):
    area, captured = success_rate(deposit, score, weight)
    after = np.argmax(area + captured >= 1)
    gap = 1 - area[after - 1] - captured[after - 1]
    step = area[after] + captured[after] - area[after - 1] - captured[after - 1]
    return captured[after - 1] + gap / step * (captured[after] - captured[after - 1])


def boyce(deposit, score):
    low, high = score.min(), score.max()
    width = (high - low) / 10
    starts = low + np.arange(101) * ((high - low - width) / 100)
    middle, ratio = [], []
    for i, start in enumerate(starts):
        end = start + width if i < 100 else high
        inside = (score >= start) & (score <= end)
        area = np.mean(inside[deposit == 0])
        if area > 0:
            here = np.mean(inside[deposit == 1]) / area
            if not ratio or here != ratio[-1]:
                middle.append((start + end) / 2)
                ratio.append(here)
    return stats.spearmanr(middle, ratio)[0] if len(ratio) > 2 else None


def delong(deposit, first, second):
    """Straight from the definition, all pairs."""
    def structure(score):
        d, b = score[deposit == 1], score[deposit == 0]
        wins = (d[:, None] > b[None, :]) + 0.5 * (d[:, None] == b[None, :])
        return wins.mean(1), wins.mean(0)

    d1, b1 = structure(first)
    d2, b2 = structure(second)
    s = np.cov(d1, d2) / len(d1) + np.cov(b1, b2) / len(b1)
    z = (d1.mean() - d2.mean()) / np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    return [np.sqrt(s[0, 0]), np.sqrt(s[1, 1]), 2 * stats.norm.cdf(-abs(z))]


def case(name, deposits, background, digits=None, weighted=False, shift=1.0):
    n = deposits + background
    deposit = np.zeros(n, int)
    deposit[:deposits] = 1
    RANDOM.shuffle(deposit)
    score = 1 / (1 + np.exp(-(RANDOM.normal(size=n) + shift * deposit)))
    other = 1 / (1 + np.exp(-(RANDOM.normal(size=n) + 0.5 * deposit)))
    if digits is not None:
        score, other = np.round(score, digits), np.round(other, digits)
    weight = RANDOM.randint(0, 4, n).astype(float) if weighted else np.ones(n)
    print("case", name)
    line("score", score)
    line("other", other)
    line("deposit", deposit)
    if weighted:
        line("weight", weight)
    line("auc", metrics.roc_auc_score(deposit, score, sample_weight=weight))
    line("average_precision",
         metrics.average_precision_score(deposit, score, sample_weight=weight))
    line("brier", metrics.brier_score_loss(deposit, score, sample_weight=weight))
    line("capture", [capture(deposit, score, weight, a) for a in (0.01, 0.05, 0.1, 0.2)])
    area, captured = success_rate(deposit, score, weight)
    line("success_area", metrics.auc(area, captured))
    line("prediction_area", prediction_area(deposit, score, weight))
    if not weighted:
        if boyce(deposit, score) is not None:
            line("boyce", boyce(deposit, score))
        line("spearman", stats.spearmanr(score, other)[0])
        observed, predicted = calibration.calibration_curve(deposit, score, n_bins=10)
        line("reliability_observed", observed)
        line("reliability_predicted", predicted)
        line("delong", delong(deposit, score, other))
    print()


print("# Made by metrics.py with scikit-learn and SciPy. Do not edit.")
case("few deposits", 7, 60)
case("no ties", 40, 200)
case("ties", 40, 200, digits=1)
case("many ties", 30, 90, digits=0, shift=2)
case("weights", 40, 160, weighted=True)
case("weights and ties", 40, 160, digits=1, weighted=True)
case("no signal", 25, 175, shift=0)
case("worse than chance", 25, 175, shift=-1)

print("case binomial")
for k, n, confidence in [(0, 10, 0.9), (10, 10, 0.9), (3, 20, 0.95), (17, 23, 0.9), (400, 1000, 0.95)]:
    tail = (1 - confidence) / 2
    low = stats.beta.ppf(tail, k, n - k + 1) if k > 0 else 0
    high = stats.beta.ppf(1 - tail, k + 1, n - k) if k < n else 1
    line("binomial", [k, n, confidence, low, high])
for p in (1e-6, 0.05, 0.3, 0.5, 0.975):
    line("normal", [p, stats.norm.ppf(p)])
