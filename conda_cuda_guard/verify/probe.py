"""Try torch: a script that the verified interpreter runs, with nothing of ours installed there.

Run as `probe.py REPORT`. Adds all that is known so far to the file as one JSON line after each
step, so that a crash or a hang loses only what comes after it.

Run as `probe.py REPORT LINES` it tries another package by the lines of its family. These leave
`gpu` (whether it computes on the GPU), and, where they know, `right` (whether it computes right),
`device` (the GPU's name) and `told` (what the package says of itself).
"""

import json
import os
import sys
import warnings
from importlib import import_module
from typing import Any, Callable, Dict, List

# ruff: noqa: UP006, UP035 - the interpreter that runs this may be a CPython 3.6


# torch must not find the files beside this one.
del sys.path[0]


_LONGEST = 2000
_SIZE = 24
_BOXES = [[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 9.0], [20.0, 20.0, 30.0, 30.0]]
_SCORES = [0.9, 0.8, 0.7]
_KEPT = [0, 2]
_IMAGE = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
_KERNEL = [[1.0, 0.0], [0.0, 1.0]]
_CONVOLVED = [[6.0, 8.0], [12.0, 14.0]]

Answers = Dict[str, Any]


class ReportFile:
    """What is known so far, and the file that it goes to."""

    def __init__(self, path: str) -> None:
        self.path = path
        version = "{}.{}.{}".format(*sys.version_info[:3])
        self.known = {"executable": sys.executable, "version": version}  # type: Answers
        self.known["paths"] = [text(one) for one in sys.path if one]

    def step(self, name: str, action: Callable[[Answers], None]) -> bool:
        """Run one step, which may fail alone, and return whether it succeeded."""
        answers = {}  # type: Answers
        self.known["step"] = name
        self.known[name] = answers
        self.write()
        try:
            action(answers)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a broken torch raises
            answers["error"] = text(error) or type(error).__name__
            answers["kind"] = type(error).__name__
            answers["missing"] = getattr(error, "name", None)
        self.write()
        return "error" not in answers

    def write(self) -> None:
        """Add a line."""
        with open(self.path, "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(json.dumps(self.known) + "\n")


def text(value: object) -> str:
    """Return the text of something, cut where it is long."""
    return str(value)[:_LONGEST]


def optional(value: object) -> Any:  # noqa: ANN401
    """Return the text of something that may be None."""
    return None if value is None else text(value)


def import_torch(answers: Answers) -> None:
    """Import torch, and read what build it is."""
    torch = import_module("torch")

    answers["version"] = text(torch.__version__)
    answers["file"] = optional(torch.__file__)
    answers["cuda"] = optional(torch.version.cuda)
    answers["hip"] = optional(getattr(torch.version, "hip", None))


def ask_cuda(answers: Answers) -> None:
    """Ask for CUDA: whether there is any, why not, and its devices."""
    torch = import_module("torch")

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        answers["available"] = bool(torch.cuda.is_available())
    answers["warnings"] = [text(one.message) for one in told][:5]
    if answers["available"]:
        answers["devices"] = [device(index) for index in range(torch.cuda.device_count())]
        answers["architectures"] = [text(one) for one in torch.cuda.get_arch_list()]
    elif torch.version.cuda is not None:
        try:
            torch.cuda.init()
        except Exception as error:  # noqa: BLE001 - its words are the answer
            answers["reason"] = text(error)


def device(index: int) -> Answers:
    """Return the name and the compute capability of a device."""
    torch = import_module("torch")

    capability = torch.cuda.get_device_capability(index)
    return {
        "name": text(torch.cuda.get_device_name(index)),
        "compute_capability": ".".join(str(part) for part in capability),
    }


def matrices() -> List[List[List[float]]]:
    """Return two matrices and their product, of small whole numbers: exact on every device."""
    left = [[float((3 * i + j) % 7) for j in range(_SIZE)] for i in range(_SIZE)]
    right = [[float((i + 5 * j) % 11) for j in range(_SIZE)] for i in range(_SIZE)]
    columns = list(zip(*right))
    product = [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in left]
    return [left, right, product]


def multiply(place: str) -> Callable[[Answers], None]:
    """Return the step that multiplies on a device."""

    def step(answers: Answers) -> None:
        torch = import_module("torch")

        left, right, product = matrices()
        found = torch.matmul(torch.tensor(left).to(place), torch.tensor(right).to(place))
        answers["right"] = found.cpu().tolist() == product

    return step


def convolve(place: str) -> Callable[[Answers], None]:
    """Return the step that convolves on a GPU, and asks cuDNN which one it is.

    A convolution may be right with parts of two cuDNNs; torch itself compares them when asked.
    """

    def step(answers: Answers) -> None:
        torch = import_module("torch")
        conv = import_module("torch.nn.functional").conv2d

        image, kernel = torch.tensor([[_IMAGE]]).to(place), torch.tensor([[_KERNEL]]).to(place)
        answers["right"] = conv(image, kernel).cpu().tolist() == [[_CONVOLVED]]
        answers["cudnn"] = optional(torch.backends.cudnn.version())

    return step


def import_torchvision(answers: Answers) -> None:
    """Import torchvision, where there is one."""
    try:
        torchvision = import_module("torchvision")
    except ImportError as error:
        if getattr(error, "name", None) == "torchvision":
            answers["absent"] = True
            return
        raise
    answers["version"] = text(torchvision.__version__)


def suppress(place: str) -> Callable[[Answers], None]:
    """Return the step that runs torchvision's own operator on a device."""

    def step(answers: Answers) -> None:
        torch = import_module("torch")
        nms = import_module("torchvision.ops").nms

        boxes, scores = torch.tensor(_BOXES).to(place), torch.tensor(_SCORES).to(place)
        answers["right"] = nms(boxes, scores, 0.5).cpu().tolist() == _KEPT

    return step


def run(report: ReportFile) -> None:
    """Run all steps that can be run."""
    if not report.step("torch", import_torch):
        return
    report.step("product cpu", multiply("cpu"))
    report.step("cuda", ask_cuda)
    places = [f"cuda:{index}" for index in range(len(report.known["cuda"].get("devices", [])))]
    for place in places:
        report.step("product " + place, multiply(place))
    for place in places[:1]:
        report.step("convolution " + place, convolve(place))
    if not report.step("torchvision", import_torchvision):
        return
    if "absent" not in report.known["torchvision"]:
        for place in ["cpu", *places[:1]]:
            report.step("nms " + place, suppress(place))


def try_lines(lines: str) -> Callable[[Answers], None]:
    """Return the step that runs the lines of a family, and reads what they leave."""

    def step(answers: Answers) -> None:
        found = {}  # type: Answers
        exec(compile(lines, "verify", "exec"), found)  # noqa: S102 - they are the catalogue's
        answers["gpu"] = bool(found.get("gpu"))
        answers["right"] = bool(found.get("right", True))
        for name in ("device", "told"):
            answers[name] = optional(found.get(name) or None)

    return step


def main(path: str, lines: str = "") -> None:
    """Write the report, and leave before libraries clean up: they may crash, too late to matter."""
    report = ReportFile(path)
    report.write()
    if lines:
        report.step("family", try_lines(lines))
    else:
        run(report)
    report.known["done"] = True
    report.write()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
