"""Same weights in, same numbers out as torchvision's ResNet-50 and MobileNetV2."""
import json
import struct
import subprocess

import pytest
from conftest import BUILD

torch = pytest.importorskip("torch", reason="python3-torch is not installed")
torchvision = pytest.importorskip("torchvision", reason="python3-torchvision is not installed")


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, array in tensors.items():
        size = array.nbytes
        header[name] = {"dtype": "F32", "shape": list(array.shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.tobytes())


@pytest.mark.parametrize("name,build", [("resnet50", torchvision.models.resnet50),
                                        ("mobilenetv2", torchvision.models.mobilenet_v2)])
@pytest.mark.parametrize("size", [33, 96])
def test_logits(name, build, size, tmp_path):
    torch.manual_seed(size)
    model = build(num_classes=20)
    model(torch.randn(8, 3, 64, 64))  # in training mode: moves the running statistics
    model.eval()
    x = torch.randn(2, 3, size, size)
    with torch.no_grad():
        want = model(x).numpy().ravel()
    tensors = {key: value.contiguous().numpy() for key, value in model.state_dict().items()
               if "num_batches" not in key}
    tensors["input"] = x.permute(0, 2, 3, 1).contiguous().numpy()
    path = tmp_path / "weights.safetensors"
    write_safetensors(path, tensors)
    done = subprocess.run([BUILD / "bin" / "logits", name, path], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    got = [float(line) for line in done.stdout.split()]
    assert got == pytest.approx(want.tolist(), rel=1e-4, abs=1e-4)
