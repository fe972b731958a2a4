"""The verdict on what the probe found: torch on this machine, and torchvision beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Phrase

from .run_probe import early_end, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from conda_cuda_guard.model import FoundPackage

    from .run_probe import Findings


@dataclass(frozen=True)
class FamilyVerdict:
    """What an installed package did: `works`, `cpu-only`, `broken`, `timeout` or `not-tried`.

    `findings` are None where it was not tried.
    """

    package: FoundPackage
    status: str
    note: Note | None = None
    findings: Findings | None = None

    @property
    def ok(self) -> bool:
        """Whether it does here what it should, as far as was tried."""
        return self.note is None or self.note.severity != "error"


_MISSING = ("operator torchvision::nms does not exist", "Couldn't load custom C++ ops")
_NOT_ON_CUDA = "'torchvision::nms' with arguments from the 'CUDA' backend"


def judge_torchvision(findings: Findings) -> Iterator[Note]:
    """Yield the notes on torchvision's import and its operator nms."""
    facts = {
        "torch": str(findings.step("torch").get("version")),
        "torchvision": str(findings.step("torchvision").get("version") or ""),
    }
    step = findings.step("torchvision")
    if "error" in step:
        yield _failed("torchvision-import-failed", f"{step.get('kind')}: {step['error']}", facts)
        return
    for place in ("cpu", "cuda:0"):
        nms = findings.step(f"nms {place}")
        here = {**facts, "device": Phrase("the CPU") if place == "cpu" else Phrase("the GPU")}
        if "error" in nms:
            yield _failed("nms-failed", f"{nms.get('kind')}: {nms['error']}", here)
            return
        if nms.get("right") is False:
            yield Note("nms-wrong", "error", facts=here)


def _failed(code: str, error: str, facts: dict[str, str]) -> Note:
    facts = {**facts, "error": one_line(error)}
    if _NOT_ON_CUDA in error:
        return Note("nms-missing", "error", "cuda", facts)
    if any(words in error for words in _MISSING):
        return Note("nms-missing", "error", "", facts)
    return Note(code, "error", "", facts)


_NO_KERNEL = ("no kernel image is available", "cudaErrorNoKernelImageForDevice")
_OTHER_CUDNN = "cuDNN version incompatibility"
_OLD_DRIVER = ("driver on your system is too old", "driver version is insufficient")


@dataclass(frozen=True)
class Machine:
    """What is known of the driver here, and what hides its GPUs, if anything does."""

    driver: str | None = None
    cuda: str | None = None
    hidden: str | None = None

    @property
    def has_driver(self) -> bool:
        """Whether there is an NVIDIA driver."""
        return bool(self.driver or self.cuda)


@dataclass(frozen=True)
class Verification:
    """One of `works`, `cpu-only`, `broken`, `no-torch` and `timeout`, and the reasons.

    `ok`: torch does here what it should, on the GPU, or on the CPU of a machine without a driver,
    and so do the packages of other families. `families` are the verdicts on these.
    """

    status: str
    ok: bool
    findings: Findings
    machine: Machine
    notes: tuple[Note, ...] = ()
    families: tuple[FamilyVerdict, ...] = ()


def judge_findings(findings: Findings, machine: Machine) -> Verification:
    """Return the verdict on what the probe found."""
    torch = findings.step("torch")
    if torch.get("kind") == "ModuleNotFoundError" and torch.get("missing") == "torch":
        note = Note("torch-not-installed", "error", facts={"python": findings.python})
        return Verification("no-torch", ok=False, findings=findings, machine=machine, notes=(note,))
    notes = tuple(_notes(findings, machine))
    status = _status(findings, notes)
    ok = status in ("works", "cpu-only") and not any(note.severity == "error" for note in notes)
    return Verification(status, ok=ok, findings=findings, machine=machine, notes=notes)


def _status(findings: Findings, notes: tuple[Note, ...]) -> str:
    if not findings.is_complete:
        return "timeout" if findings.status is None else "broken"
    why_no_cuda = ("cpu-build", "cuda-not-available")
    if any(note.severity == "error" and note.code not in why_no_cuda for note in notes):
        return "broken"
    return "works" if findings.step("cuda").get("available") else "cpu-only"


def _notes(findings: Findings, machine: Machine) -> Iterator[Note]:
    if not findings.is_complete:
        yield early_end(findings)
    if "error" in findings.step("torch"):
        yield _import_failed(findings)
        return
    if "error" in findings.step("cuda"):
        yield Note("cuda-query-failed", "error", facts=_error(findings.step("cuda")))
    elif findings.step("cuda").get("available") is False:
        yield _no_cuda(findings, machine)
    yield from _products(findings)
    yield from _convolution(findings)
    yield from judge_torchvision(findings)


def _import_failed(findings: Findings) -> Note:
    torch = findings.step("torch")
    facts = {**_error(torch), "python": findings.python}
    case = ""
    if torch.get("kind") == "OSError" or "cannot open shared object" in str(torch["error"]):
        case = "library"
    elif torch.get("kind") == "ModuleNotFoundError":
        case, facts = "dependency", {**facts, "missing": str(torch.get("missing"))}
    return Note("torch-import-failed", "error", case, facts)


def _no_cuda(findings: Findings, machine: Machine) -> Note:
    """Return why there is no CUDA: an error only where there is a driver."""
    torch, cuda = findings.step("torch"), findings.step("cuda")
    told = [str(cuda.get("reason") or ""), *map(str, cuda.get("warnings") or ())]
    reason = " ".join(filter(None, told))
    facts = {"torch": str(torch.get("version")), "cuda": str(torch.get("cuda") or "")}
    facts["driver"] = machine.driver or Phrase("for CUDA {cuda}", cuda=machine.cuda)
    facts["reason"] = one_line(reason)
    severity = "error" if machine.has_driver else "info"
    if not torch.get("cuda"):
        return Note("cpu-build", severity, "driver" if machine.has_driver else "", facts)
    if not machine.has_driver:
        return Note("cuda-not-available", severity, "no-driver", facts)
    if machine.hidden:
        facts["hidden"] = machine.hidden
        return Note("cuda-not-available", severity, "hidden", facts)
    case = "driver-too-old" if any(words in reason for words in _OLD_DRIVER) else ""
    return Note("cuda-not-available", severity, case, facts)


def _products(findings: Findings) -> Iterator[Note]:
    """Yield the notes on the matrix products, on the CPU and on every GPU."""
    devices = list(findings.step("cuda").get("devices") or ())
    places = [("cpu", Phrase("the CPU"))]
    places += [
        (f"cuda:{at}", Phrase("GPU {at}, {name}", at=at, name=_name(one)))
        for at, one in enumerate(devices)
    ]
    for place, device in places:
        step = findings.step(f"product {place}")
        facts = {"device": device, "torch": str(findings.step("torch").get("version"))}
        if "error" in step:
            kernel = any(words in str(step["error"]) for words in _NO_KERNEL)
            code = "no-kernel-image" if kernel else "matrix-product-failed"
            yield Note(code, "error", facts={**facts, **_error(step)})
        elif step.get("right") is False:
            yield Note("matrix-product-wrong", "error", facts=facts)


def _convolution(findings: Findings) -> Iterator[Note]:
    """Yield the notes on cuDNN, which convolves on the first GPU."""
    step = findings.step("convolution cuda:0")
    facts = {"torch": str(findings.step("torch").get("version"))}
    if "error" in step:
        mixed = _OTHER_CUDNN in str(step["error"])
        code = "cudnn-mixed" if mixed else "convolution-failed"
        yield Note(code, "error", facts={**facts, **_error(step)})
    elif step.get("right") is False:
        yield Note("convolution-wrong", "error", facts=facts)


def _name(device: Mapping[str, Any]) -> str:
    number = device.get("compute_capability")
    capability = Phrase("compute capability {capability}", capability=number)
    return Phrase("{name} ({known})", name=device.get("name"), known=capability)


def _error(step: Mapping[str, Any]) -> dict[str, str]:
    return {"error": one_line(f"{step.get('kind')}: {step.get('error')}")}
