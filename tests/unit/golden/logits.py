"""Writes logits.txt: logits of torchvision's networks with weights by the formula of
tests/unit/torch_weights.h. Run with a Python that has torchvision: python3 logits.py > logits.txt"""
import numpy as np
import torch
import torchvision


def formula(tensor, count):
    h = (np.arange(1, count + 1, dtype=np.uint64) * 2654435761 + tensor * 40503) % 2**32
    h ^= h >> 15
    h = h * 2246822519 % 2**32
    h ^= h >> 13
    return h / 2**32 - 0.5


def fill(model):
    state = {name: t for name, t in model.state_dict().items() if "num_batches" not in name}
    for number, (name, tensor) in enumerate(state.items()):
        positive = tensor.dim() == 1 and name.endswith((".weight", ".running_var"))
        gain = np.sqrt(24 / np.prod(tensor.shape[1:])) if tensor.dim() > 1 else 0.2
        values = gain * formula(number, tensor.numel()) + (1 if positive else 0)
        tensor.copy_(torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape))


print("# network, input channels, side, then logits of 2 inputs and 5 classes; made by logits.py")
for name, build in (("resnet50", torchvision.models.resnet50),
                    ("mobilenetv2", torchvision.models.mobilenet_v2)):
    for channels, side in ((3, 33),) if name == "resnet50" else ((3, 33), (5, 40)):
        model = build(num_classes=5).eval()
        if channels != 3:
            first = model.conv1 if name == "resnet50" else model.features[0][0]
            first.weight = torch.nn.Parameter(torch.zeros(first.out_channels, channels,
                                                          *first.kernel_size))
            first.in_channels = channels
        with torch.no_grad():
            fill(model)
            x = 2 * formula(1000, 2 * side * side * channels).astype(np.float32)
            x = torch.from_numpy(x.reshape(2, side, side, channels)).permute(0, 3, 1, 2)
            y = model(x.contiguous()).numpy().ravel()
        print(name, channels, side, *(f"{value:.6g}" for value in y))
