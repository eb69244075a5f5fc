"""torch_dense.py - the dense encoder in PyTorch, for comparisons: the same network as
core/src/encoder/dense.h, with the weights of a .lode file or with new ones."""
import json
import struct

import numpy as np
import torch
from torch import nn


def read_lode(path):
    """(metadata, tensors) of a model file, which is a safetensors file."""
    with open(path, "rb") as file:
        content = file.read()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, facts in header.items():
        start, end = (8 + size + offset for offset in facts["data_offsets"])
        tensors[name] = np.frombuffer(content[start:end], "<f4").reshape(facts["shape"]).copy()
    return metadata, tensors


def dilations(window):
    """1, 2, 4 ... that add up to R - 1, the remainder sorted in."""
    reach, step, found = window // 2 - 1, 1, []
    while step <= reach:
        found.append(step)
        reach, step = reach - step, 2 * step
    return sorted(found + [reach]) if reach else found


class Dense(nn.Module):
    """[n, channels, h, w] -> [n, dims, h - 2R, w - 2R]."""

    def __init__(self, channels, window, width, dims, scales):
        super().__init__()
        self.steps = [0, *dilations(window)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(width if d else channels, width, 3 if d else 1, dilation=max(d, 1), bias=False)
            for d in self.steps)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in self.steps)
        self.scales = scales
        self.embedding = nn.ModuleList(
            nn.Conv2d(width, dims, 1, bias=i == 0) for i in range(scales))

    def forward(self, x):
        layers = []
        for convolution, norm in zip(self.convolutions, self.norms):
            x = torch.relu(norm(convolution(x)))
            layers.append(x)
        total = 0
        for part, layer in zip(self.embedding, layers[-self.scales:]):
            cut = (layer.shape[-1] - x.shape[-1]) // 2
            total = total + part(layer[..., cut:layer.shape[-2] - cut, cut:layer.shape[-1] - cut])
        return nn.functional.avg_pool2d(total, 3, 1)

    def load(self, tensors):
        """Weights of a .lode file: [k][k][in][out] -> [out][in][k][k]."""
        def put(to, name, turned=None):
            value = tensors[name] if turned is None else turned
            to.data.copy_(torch.from_numpy(np.ascontiguousarray(value)))
        prefix = "encoder." if "encoder.conv0.weight" in tensors else ""
        for i, (convolution, norm) in enumerate(zip(self.convolutions, self.norms)):
            name = f"{prefix}conv{i}."
            put(convolution.weight, "", tensors[name + "weight"].transpose(3, 2, 0, 1))
            for to, part in ((norm.weight, "gain"), (norm.bias, "offset"), (norm.running_mean, "mean"),
                             (norm.running_var, "variance")):
                put(to, name + part)
        weight = tensors[prefix + "embedding.weight"]
        for i, part in enumerate(self.embedding):
            put(part.weight, "", weight[i].T[:, :, None, None])
        put(self.embedding[0].bias, prefix + "embedding.bias")
        return self
