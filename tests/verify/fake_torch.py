"""Tiny torches and torchvisions, which behave or misbehave as real ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TORCH = """
__version__ = "{version}"

class version:
    cuda = {cuda!r}

class Tensor:
    def __init__(self, rows, place="cpu"):
        self.rows, self.place = rows, place
    def to(self, place):
        return Tensor(self.rows, place)
    def cpu(self):
        return self.to("cpu")
    def tolist(self):
        return self.rows

tensor = Tensor

def matmul(left, right):
    if left.place != "cpu":
        {on_gpu}
    columns = list(zip(*right.rows))
    rows = [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in left.rows]
    return Tensor(rows, left.place)

class backends:
    class cudnn:
        @staticmethod
        def version():
            {cudnn}

class cuda:
    @staticmethod
    def is_available():
        {is_available}
    @staticmethod
    def init():
        raise RuntimeError({reason!r})
    device_count = staticmethod(lambda: 1)
    get_device_capability = staticmethod(lambda at: (8, 0))
    get_device_name = staticmethod(lambda at: "NVIDIA A100-SXM4-40GB")
    get_arch_list = staticmethod(lambda: ["sm_80"])
"""
_FUNCTIONAL = """
from torch import Tensor

def conv2d(image, kernel):
    {convolution}
    (((rows,),), ((weights,),)) = image.rows, kernel.rows
    size = range(len(rows) - len(weights) + 1)
    around = [(i, j) for i in range(len(weights)) for j in range(len(weights))]
    found = [
        [sum(rows[y + i][x + j] * weights[i][j] for i, j in around) for x in size] for y in size
    ]
    return Tensor([[found]], image.place)
"""
_VISION = '__version__ = "0.16.2"\n'
NMS = "from torch import Tensor\n\ndef nms(boxes, scores, limit):\n    return Tensor([0, 2])\n"


def write_package(folder: Path, name: str, text: str, **modules: str) -> Path:
    """Write a package of a few modules into a folder, and return the folder."""
    place = folder / name
    place.mkdir(parents=True)
    (place / "__init__.py").write_text(text, "utf-8")
    for module, body in modules.items():
        (place / f"{module}.py").write_text(body, "utf-8")
    return folder


def torch_for_cuda(  # noqa: PLR0913
    folder: Path,
    *,
    on_gpu: str = "pass",
    is_available: str = "return True",
    reason: str = "",
    convolution: str = "pass",
    cudnn: str = "return 91900",
) -> Path:
    """Write a torch for CUDA.

    `on_gpu` is what happens before a product on the GPU, `convolution` before a convolution,
    `cudnn` where cuDNN's version is asked for.
    """
    text = _TORCH.format(
        version="2.1.2+cu121",
        cuda="12.1",
        on_gpu=on_gpu,
        is_available=is_available,
        reason=reason,
        cudnn=cudnn,
    )
    write_package(folder, "torch", text)
    functional = _FUNCTIONAL.format(convolution=convolution)
    write_package(folder / "torch", "nn", "", functional=functional)
    return folder


def torch_without_gpu(folder: Path, reason: str) -> Path:
    """Write a torch for CUDA that finds no GPU, and says why."""
    return torch_for_cuda(folder, is_available="return False", reason=reason)


def torch_for_cpu(folder: Path) -> Path:
    """Write a CPU build."""
    text = _TORCH.format(
        version="2.1.2+cpu",
        cuda=None,
        on_gpu="pass",
        is_available="return False",
        reason="",
        cudnn="return None",
    )
    return write_package(folder, "torch", text)


def torchvision(folder: Path, ops: str = NMS) -> Path:
    """Write a torchvision; `ops` is the body of its module of operators."""
    return write_package(folder, "torchvision", _VISION, ops=ops)
