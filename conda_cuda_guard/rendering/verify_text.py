"""A verification as text and as JSON: the message and hint of each note, and the verdict."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size

from conda_cuda_guard.doctor.report import OK, CheckResult, Link
from conda_cuda_guard.model.redaction import redact

from .language import facts_said, translated
from .verify_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Note
    from conda_cuda_guard.verify.family_verdict import FamilyVerdict
    from conda_cuda_guard.verify.verdict import Verification

<<<<<<< HEAD
VerifyMessage = tuple[str, tuple[str, ...]]

_ON_CONDA = "on conda: conda cuda-install --force-reinstall pytorch"
_INSTALL = f"pipcuda install --force-reinstall torch ({_ON_CONDA})"
_AGAIN = f"Install it again: {_INSTALL}."
_PAIR = (
    "Install compatible versions: pipcuda install --force-reinstall torch torchvision "
    f"({_ON_CONDA} torchvision)."
)
_MORE_TIME = "The first import from a slow disk takes long: try again with --timeout 600."

WORDS: dict[tuple[str, str], VerifyMessage] = {
    ("torch-not-installed", ""): (
        "torch is not installed for {python}.",
        ("pipcuda install torch (on conda: conda cuda-install pytorch).",),
    ),
    ("torch-import-failed", ""): ("torch cannot be imported ({error}).", (_AGAIN,)),
    ("torch-import-failed", "library"): (
        "torch cannot be imported: a library that it needs is missing or broken ({error}).",
        (_AGAIN,),
    ),
    ("torch-import-failed", "dependency"): (
        "torch cannot be imported: the package {missing} is missing ({error}).",
        ("Install what torch needs: {python} -m pip install --upgrade torch {missing}.",),
    ),
    ("torch-import-failed", "crash"): (
        "torch cannot be imported: the process {how}.",
        ("It last printed: {output}", _AGAIN),
    ),
    ("torch-crashed", "crash"): (
        "The process {how} while {doing}.",
        ("It last printed: {output}", _AGAIN),
    ),
    ("torch-crashed", "illegal-instruction"): (
        "The process {how} while {doing}: this CPU lacks an instruction that the build uses.",
        ("An older torch, or conda-forge's build, may run on it: conda cuda-install pytorch.",),
    ),
    ("verification-timeout", ""): (
        "It did not finish within {limit} s (it was {doing}) and was stopped.",
        (
            "The first import from a slow disk takes long: try again with --timeout 600.",
            "If it hangs again, look whether nvidia-smi answers.",
        ),
    ),
    ("interpreter-failed", ""): (
        "{python} did not run the verification: it {how}.",
        ("It last printed: {output}", "Name an interpreter: --python .venv/bin/python."),
    ),
    ("cpu-build", ""): (
        "torch {torch} is a CPU build, and no NVIDIA driver was found on this machine.",
        (),
    ),
    ("cpu-build", "driver"): (
        "torch {torch} is a CPU build, and this machine has an NVIDIA driver ({driver}).",
        (f"Take a CUDA build: {_INSTALL}.",),
    ),
    ("cuda-not-available", ""): (
        ("torch {torch}, for CUDA {cuda}, finds no GPU, although there is a driver ({driver})."),
        ("torch reports: {reason}", "Look whether nvidia-smi lists the GPU."),
    ),
    ("cuda-not-available", "no-driver"): (
        "torch {torch} is for CUDA {cuda}, and no NVIDIA driver was found on this machine.",
        ("It works on the CPU here. On the machine with the GPU, run this again.",),
    ),
    ("cuda-not-available", "driver-too-old"): (
        "torch {torch} is for CUDA {cuda}, which the driver {driver} cannot run.",
        (
            "torch reports: {reason}",
            f"Take a build for this driver: {_INSTALL}.",
        ),
    ),
    ("cuda-not-available", "hidden"): (
        "torch {torch}, for CUDA {cuda}, finds no GPU: {hidden} hides them.",
        ("Unset CUDA_VISIBLE_DEVICES, and run this again.",),
    ),
    ("cuda-query-failed", ""): (
        "torch fails when it is asked for CUDA ({error}).",
        ("Look whether nvidia-smi lists the GPU. " + _AGAIN,),
    ),
    ("no-kernel-image", ""): (
        "torch {torch} has no code for {device} ({error}).",
        (f"Take a build that has: {_INSTALL}.",),
    ),
    ("convolution-failed", ""): (
        "torch {torch} multiplies on the GPU, but cannot convolve there, with cuDNN ({error}).",
        (_AGAIN,),
    ),
    ("convolution-wrong", ""): (
        "torch {torch} multiplies on the GPU, but convolves wrongly there, with cuDNN.",
        (_AGAIN,),
    ),
    ("cudnn-mixed", ""): (
        (
            "torch {torch} computes on the GPU, but with parts of another cuDNN than its own "
            "({error})."
        ),
        (
            (
                "They usually come from a folder in LD_LIBRARY_PATH, which is searched before the "
                "folders of torch's cuDNN: unset LD_LIBRARY_PATH, and run this again."
            ),
        ),
    ),
    ("matrix-product-failed", ""): ("torch cannot compute on {device} ({error}).", (_AGAIN,)),
    ("matrix-product-wrong", ""): (
        "torch {torch} computes a wrong matrix product on {device}.",
        (_AGAIN, "If it stays wrong, the hardware or its driver is at fault: see dmesg."),
    ),
    ("torchvision-import-failed", ""): ("torchvision cannot be imported ({error}).", (_PAIR,)),
    ("nms-missing", ""): (
        "torchvision {torchvision} lacks its operator nms: it was not made for torch {torch}.",
        (_PAIR,),
    ),
    ("nms-missing", "cuda"): (
        "torchvision {torchvision} lacks its operator nms for CUDA: it is a CPU build.",
        (_PAIR,),
    ),
    ("nms-failed", ""): (
        "torchvision {torchvision}'s operator nms fails on {device} ({error}).",
        (_PAIR,),
    ),
    ("nms-wrong", ""): (
        "torchvision {torchvision}'s operator nms gives a wrong answer on {device}.",
        (_PAIR,),
    ),
    ("family-not-tried", ""): ("{package} was not tried: no time was left.", (_MORE_TIME,)),
    ("family-not-tried", "no-driver"): (
        "{package} was not tried: no NVIDIA driver was found on this machine.",
        (),
    ),
    ("family-on-cpu", ""): (
        (
            "{package}, for CUDA {cuda}, leaves the GPU alone and computes on the CPU, although "
            "there is a driver ({driver})."
        ),
        (
            "It reports: {told}.",
            "Look what is in the way: pipcuda doctor. To install it: {install}.",
        ),
    ),
    ("family-on-cpu", "hidden"): (
        "{package}, for CUDA {cuda}, computes on the CPU: {hidden} hides the GPUs.",
        ("Unset CUDA_VISIBLE_DEVICES, and run this again.",),
    ),
    ("family-on-cpu", "without-cuda"): (
        (
            "{package} computes on the CPU: its CUDA part is not installed, and this machine has "
            "an NVIDIA driver ({driver})."
        ),
        ("It reports: {told}.", "With its CUDA part: {install}."),
    ),
    ("family-on-cpu", "cpu-build"): (
        "{package} is the build for the CPU, and computes there.",
        ("For the GPU: {install}.",),
    ),
    ("family-fails", ""): (
        "{package} does not compute on the GPU ({error}).",
        ("Look what is in the way: pipcuda doctor. To install it: {install}.",),
    ),
    ("family-fails", "hidden"): (
        "{package} does not compute on the GPU ({error}): {hidden} hides the GPUs.",
        ("Unset CUDA_VISIBLE_DEVICES, and run this again.",),
    ),
    ("family-fails", "import"): (
        "{package} cannot be imported, or a library that it needs cannot ({error}).",
        ("To install it with what it needs: {install}.",),
    ),
    ("family-fails", "wrong"): (
        "{package} computes wrong.",
        ("If it stays wrong, the hardware or its driver is at fault: see dmesg.",),
    ),
    ("family-fails", "crash"): (
        "The process {how} while trying {package}.",
        ("It last printed: {output}", "To install it again: {install}."),
    ),
    ("family-timeout", ""): (
        "{package} did not answer within {limit} s and was stopped.",
        (_MORE_TIME,),
    ),
}

=======
>>>>>>> w-look

def verify_message(note: Note) -> str:
    """Return a note's message."""
    template = translated(WORDS[note.code, note.case][0])
    return " ".join(template.format_map(facts_said(note.facts)).split())


def verify_hint(note: Note) -> str:
    """Return a note's hint: the sentences whose facts are known."""
    sentences, facts = WORDS[note.code, note.case][1], facts_said(note.facts)
    return " ".join(translated(one).format_map(facts) for one in sentences if _is_known(one, note))


def _is_known(sentence: str, note: Note) -> bool:
    fields = (field for _, field, _, _ in Formatter().parse(sentence) if field)
    return all(note.facts.get(field) for field in fields)


_SCHEMA = 1
_MARKS = {"error": "error", "warning": "warning", "info": "note"}


def verdict_text(verdict: Verification) -> str:
    """Return a verdict as text: the answer, what it is about, and the reasons."""
    shown = verdict_to_json(verdict)
    lines = [f"{verdict.status}: {_headline(verdict)}", _fact("python", _python(shown))]
    lines += [_fact(translated("driver"), _driver(shown))]
    for device in shown["devices"]:
        told = f"{device['name']} ({device['compute_capability']})"
        lines.append(_fact(translated("device"), told))
    if shown["torchvision"]:
        lines.append(_fact("torchvision", shown["torchvision"]))
    for note in shown["notes"]:
        lines += _note_lines(note)
    for one, told in zip(verdict.families, shown["families"]):
        lines.append(_fact(translated("package"), _family_line(one)))
        for note in told["notes"]:
            lines += _note_lines(note)
    return redact("\n".join(lines))


def _note_lines(note: Mapping[str, str]) -> list[str]:
    mark = translated(_MARKS[note["severity"]])
    lines = [f"  {mark}: {note['message']} [{note['code']}]"]
    return [*lines, f"    {note['hint']}"] if note["hint"] else lines


def _family_line(one: FamilyVerdict) -> str:
    words = {
        "works": translated("{package} computes on the GPU"),
        "cpu-only": translated("{package} computes on the CPU alone"),
        "timeout": translated("{package} did not answer in time"),
        "not-tried": translated("{package} was not tried"),
    }
    template = words.get(one.status, translated("{package} does not work"))
    return template.format(package=one.package.title)


def verdict_link(verdict: Verification) -> CheckResult:
    """Return a verdict as the doctor's last link."""
    first, *details = verdict_text(verdict).splitlines()
    told = tuple(one.strip() for one in details)
    state = OK if verdict.ok else "error"
    link = Link("what torch sees", first, "child process", ("torch_tried",), told, state)
    return CheckResult((link,), {"torch_tried": first})


def _fact(name: str, value: str) -> str:
    return f"  {set_cell_size(name, 11)}  {value}"


def _headline(verdict: Verification) -> str:
    version = verdict.findings.step("torch").get("version")
    words = {
        "works": translated("{torch} computes on the GPU."),
        "cpu-only": translated("{torch} computes on the CPU alone."),
        "timeout": translated("{torch} did not answer in time."),
        "no-torch": translated("torch is not installed."),
    }
    template = words.get(verdict.status, translated("{torch} does not work."))
    if verdict.status == "cpu-only" and verdict.ok:
        template = translated("{torch} computes on the CPU alone, as it should here.")
    return template.format(torch=f"torch {version}" if version else "torch")


def _python(shown: Mapping[str, Any]) -> str:
    version = shown["python_version"]
    return f"{shown['python']} ({version})" if version else str(shown["python"])


def _driver(shown: Mapping[str, Any]) -> str:
    cuda = f"CUDA {shown['cuda']}" if shown["cuda"] else ""
    return ", ".join(filter(None, [shown["driver"], cuda])) or translated("none found")


def verdict_to_json(verdict: Verification) -> dict[str, Any]:
    """Return a verdict as the JSON object of `pipcuda verify --json`."""
    findings = verdict.findings
    torch = findings.step("torch")
    return {
        "schema": _SCHEMA,
        "status": verdict.status,
        "ok": verdict.ok,
        "python": findings.python,
        "python_version": findings.report.get("version"),
        "driver": verdict.machine.driver,
        "cuda": verdict.machine.cuda,
        "torch": _torch(torch),
        "cuda_available": findings.step("cuda").get("available"),
        "devices": list(findings.step("cuda").get("devices") or ()),
        "torchvision": findings.step("torchvision").get("version"),
        "notes": [_note(note) for note in verdict.notes],
        "families": [_family(one) for one in verdict.families],
    }


def _family(one: FamilyVerdict) -> dict[str, Any]:
    step = one.findings.step("family") if one.findings else {}
    return {
        "family": one.package.family.name,
        "package": one.package.name,
        "version": one.package.version,
        "cuda": one.package.cuda,
        "status": one.status,
        "ok": one.ok,
        "device": step.get("device"),
        "reports": step.get("told"),
        "notes": [_note(one.note)] if one.note else [],
    }


def _torch(torch: Mapping[str, Any]) -> dict[str, Any] | None:
    if "version" not in torch:
        return None
    return {name: torch.get(name) for name in ("version", "cuda", "file")}


def _note(note: Note) -> dict[str, str]:
    return {
        "code": note.code,
        "severity": note.severity,
        "message": redact(verify_message(note)),
        "hint": redact(verify_hint(note)),
    }
