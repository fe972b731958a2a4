"""The rules of known failures: one entry of a data file is one rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from .windows_commands import for_system

SEVERITIES = ("error", "warning")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


class RuleError(ValueError):
    """An entry that is not a rule; the message says what is wrong with it."""


def _fact(words: str) -> Any:  # noqa: ANN401 - what dataclasses.field is typed as
    return field(default=None, metadata={"words": words})


@dataclass(frozen=True)
class Evidence:
    """The facts that a rule may need; None where one is not known."""

    gpu: str | None = _fact("the GPU")
    compute_capability: str | None = _fact("the GPU's compute capability")
    gpu_memory: str | None = _fact("the GPU's free memory")
    cards: str | None = _fact("NVIDIA's cards on the PCI bus")
    driver: str | None = _fact("the driver's version")
    driver_libraries: str | None = _fact("whether the driver's libraries belong to its module")
    driver_error: str | None = _fact("what the driver answers in the place of facts")
    driver_unknown: str | None = _fact("what answers for a driver that nothing names")
    driver_disagreement: str | None = _fact("what the driver's parts do not agree on")
    driver_cuda: str | None = _fact("the newest CUDA that the driver runs")
    kernel_driver: str | None = _fact("the driver that the kernel has loaded")
    device_files: str | None = _fact("the device files /dev/nvidia*")
    cuda_visible_devices: str | None = _fact("CUDA_VISIBLE_DEVICES")
    container: str | None = _fact("whether this is a container")
    container_gpu: str | None = _fact("whether the container is given the GPU")
    wsl: str | None = _fact("whether this is WSL")
    platform: str | None = _fact("the platform")
    proxy: str | None = _fact("the proxy in use")
    disk: str | None = _fact("the free disk space")
    toolkits: str | None = _fact("the CUDA toolkits on the machine")
    nvcc: str | None = _fact("the nvcc on PATH")
    cuda_home: str | None = _fact("CUDA_HOME")
    toolkit_conflict: str | None = _fact("whether CUDA_HOME and PATH name one toolkit")
    nvcc_for_torch: str | None = _fact("whether nvcc is of torch's CUDA")
    nvcc_for_gpu: str | None = _fact("whether nvcc compiles for the GPU")
    host_compiler: str | None = _fact("the C++ compiler")
    compiler_for_nvcc: str | None = _fact("whether nvcc takes the C++ compiler")
    cudnn: str | None = _fact("the cuDNN that is found")
    cudnn_for_torch: str | None = _fact("whether the cuDNN package is the one torch was made with")
    ld_library_path: str | None = _fact("LD_LIBRARY_PATH")
    shadowing: str | None = _fact("the copies in LD_LIBRARY_PATH of what torch brings itself")
    python: str | None = _fact("the Python")
    python_for_torch: str | None = _fact("whether there is a torch for the Python")
    externally_managed: str | None = _fact("whether the Python belongs to the operating system")
    kernel_python: str | None = _fact("the Python of the Jupyter kernel")
    kernel_torch: str | None = _fact("the torch of the Jupyter kernel")
    notebook: str | None = _fact("the version of notebook")
    notebook_extensions: str | None = _fact("the extensions made for notebook before 7")
    torch: str | None = _fact("the torch that is installed")
    torch_cuda: str | None = _fact("the CUDA of torch's build")
    torch_architectures: str | None = _fact("the GPUs that torch's build has code for")
    torch_on_driver: str | None = _fact("whether the driver runs torch's CUDA")
    torch_on_gpu: str | None = _fact("whether torch's build has code for the GPU")
    torch_tried: str | None = _fact("what torch does when it is tried")
    gpu_for_torch: str | None = _fact("whether there is a GPU for torch's build")
    companions_alone: str | None = _fact("the companions of torch that are there without it")
    torchvision: str | None = _fact("the torchvision that is installed")
    torchvision_for_torch: str | None = _fact("whether torchvision belongs to this torch")
    torchaudio: str | None = _fact("the torchaudio that is installed")
    torchaudio_for_torch: str | None = _fact("whether torchaudio belongs to this torch")
    extensions: str | None = _fact("the compiled extensions that are installed")
    families: str | None = _fact("the other packages with CUDA builds that are installed")
    families_on_machine: str | None = _fact("whether driver and GPU run these packages")
    families_on_cpu: str | None = _fact("which of these packages have no CUDA")
    families_for_torch: str | None = _fact("whether these packages are for torch's CUDA")
    families_cudnn: str | None = _fact("whether these packages have the cuDNN that they load")
    families_together: str | None = _fact("which of these packages exclude each other")
    followers_for_torch: str | None = _fact("whether what follows torch belongs to this torch")
    numpy: str | None = _fact("the NumPy that is installed")
    installed_by: str | None = _fact("whether pip or conda installed it")
    indexes: str | None = _fact("pip's indexes in force")
    channels: str | None = _fact("conda's channels in force")
    custom_channels: str | None = _fact("conda's custom channels")
    channel_priority: str | None = _fact("conda's channel priority")
    missing_channels: str | None = _fact("the channels that the mirror in use does not have")
    dead_indexes: str | None = _fact("pip's indexes that do not answer")
    dead_channels: str | None = _fact("conda's channels that do not answer")


FACT_WORDS: dict[str, str] = {fact.name: fact.metadata["words"] for fact in fields(Evidence)}


@dataclass(frozen=True)
class Rule:
    """A known failure: what it looks like, the facts that settle it, why, and what to type next.

    `patterns` are regular expressions for a text without line breaks; `evidence` names fields of
    `Evidence`; `source` is where the knowledge is from.

    `when` says which facts of a machine show it by themselves: each fact's text, whole, matches its
    regular expression, or is not known where that is None. The first is the one at fault. A rule
    without it is for error texts alone. A `warning` is not a failure: what runs may go on. It is
    left out where an error is shown that rests on one of the facts in `unless`.

    `commands` are what to type where nothing is known of the machine, `templates` the same with
    slots: `{name:otherwise}` is filled with what is known, or else by what stands after the colon;
    a command with an empty slot `{name}` is left out.
    """

    code: str
    patterns: tuple[str, ...]
    evidence: tuple[str, ...]
    explanation: str
    commands: tuple[str, ...]
    source: str
    when: Mapping[str, re.Pattern[str] | None] = field(default_factory=dict)
    severity: str = "error"
    unless: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()

    @cached_property
    def expressions(self) -> tuple[re.Pattern[str], ...]:
        """The patterns, compiled when a text is there to be searched; raises RuleError."""
        return tuple(map(_compiled, self.patterns))

    def commands_for(self, slots: Mapping[str, str]) -> tuple[str, ...]:
        """Return the commands with what is known put in, for this system's shell."""
        filled = (_filled(template, slots) for template in self.templates)
        return for_system(command for command in filled if command is not None)


# What a command's slots may be filled with: commands and their beginnings, versions, places.
SLOTS = (
    "reinstall",
    "upgrade",
    "pip",
    "conda_install",
    "conda_list",
    "plan",
    "verify",
    "torch_set",
    "torch_cuda",
    "nvcc_cuda",
    "toolkit",
    "architectures",
    "extension",
    "family_remove",
    "family_install",
    "family_matrix",
    "followers",
)
_SLOT = re.compile(rf"\{{({'|'.join(SLOTS)})(?::([^{{}}]*))?\}}")


def _filled(template: str, slots: Mapping[str, str]) -> str | None:
    """Return a command with its slots filled; None where one is empty."""
    known = [slots.get(slot[1]) or slot[2] for slot in _SLOT.finditer(template)]
    if None in known:
        return None
    words = iter(known)
    return _SLOT.sub(lambda _: next(words) or "", template)


def facts_words(rule: Rule) -> tuple[str, ...]:
    """Return the facts of a rule in plain words."""
    return tuple(FACT_WORDS[name] for name in rule.evidence)


def rule_from(entry: Mapping[str, Any]) -> Rule:
    """Return the rule of an entry; raises RuleError, and for its patterns once they are used."""
    try:
        code, explanation, source = (_text(entry, key) for key in ("code", "explanation", "source"))
        patterns, commands, evidence = (
            _texts(entry, key) for key in ("patterns", "commands", "evidence")
        )
        when = dict(entry.get("when", {}))
        severity = entry.get("severity", SEVERITIES[0])
        unless = _texts(entry, "unless") if "unless" in entry else ()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RuleError(f"an entry has an unexpected form ({error})") from error
    if not _CODE.fullmatch(code):
        raise RuleError(f"its code {code!r} is not in kebab-case")
    unknown = [name for name in (*evidence, *when, *unless) if name not in FACT_WORDS]
    if unknown or not patterns or not commands:
        reason = f"unknown facts {', '.join(unknown)}" if unknown else "no patterns or no commands"
        raise RuleError(f"the rule {code} has {reason}")
    if severity not in SEVERITIES:
        raise RuleError(f"the rule {code} has the severity {severity!r}")
    rule = Rule(
        code,
        patterns,
        evidence,
        explanation,
        (),
        source,
        {name: None if value is None else _condition(value) for name, value in when.items()},
        severity,
        unless,
        commands,
    )
    return replace(rule, commands=rule.commands_for({}))


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"{key} is not a text")
    return value


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry[key]
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{key} is not a list of texts")
    return tuple(value)


def _condition(value: object) -> re.Pattern[str]:
    if not isinstance(value, str):
        raise RuleError(f"{value!r} is not a condition: a regular expression or null")
    return _expression(value)


def _expression(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise RuleError(f"{pattern!r} is not a regular expression: {error}") from error


def _compiled(pattern: str) -> re.Pattern[str]:
    compiled = _expression(pattern)
    if compiled.search(""):
        raise RuleError(f"{pattern!r} matches every text")
    return compiled
