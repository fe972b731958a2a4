from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.fixtures import _cannot
from tests.support.tools import ToolUnavailableError, kept, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

pytestmark = pytest.mark.network

ON_PYTORCH = ("pytorch", "nvidia", "defaults")
WITHOUT_NVIDIA = ("pytorch", "defaults")
ON_CONDA_FORGE = ("conda-forge",)


class Solver:
    """Solves with conda, without installing, in an empty environment."""

    def __init__(self, conda: Conda, channels: Channels, prefix: Path) -> None:
        self.conda = conda
        self.channels = channels
        self.prefix = prefix

    def solve(
        self, where: tuple[str, ...], specs: tuple[str, ...], cuda: str | None, **settings: object
    ) -> dict[str, str]:
        """Give what would be installed, as name to `version build`."""
        ended = self.conda.run(
            *("install", "--dry-run", "--json", "-p", str(self.prefix), *specs),
            condarc=self.channels.condarc(where, **settings),
            env={} if cuda is None else {"CONDA_OVERRIDE_CUDA": cuda},
            plugin=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return {
            record["name"]: f"{record['version']} {record['build_string']}"
            for record in ended.json["actions"]["LINK"]
        }


@pytest.fixture
def solver(conda: Conda, channels: Channels, tmp_path: Path) -> Solver:
    return Solver(conda, channels, conda.prefix(tmp_path / "env"))


@pytest.mark.parametrize(
    ("where", "specs", "cuda", "expected"),
    [
        pytest.param(
            ON_PYTORCH,
            ("python=3.11", "pytorch=2.1.1", "pytorch-cuda=12.1"),
            "12.9",
            "2.1.1 py3.11_cuda12.1_cudnn8.9.2_0",
            id="pytorch-cuda and nvidia",
        ),
        pytest.param(
            ON_PYTORCH,
            ("python=3.11", "pytorch=2.1.1=*cuda12.1*"),
            None,
            "2.1.1 py3.11_cuda12.1_cudnn8.9.2_0",
            id="a build constraint alone",
        ),
        pytest.param(
            ON_PYTORCH,
            ("python=3.11", "pytorch=2.5.1", "pytorch-cuda=11.8"),
            "12.9",
            "2.5.1 py3.11_cuda11.8_cudnn9.1.0_0",
            id="an older CUDA of a newer torch",
        ),
        pytest.param(
            WITHOUT_NVIDIA,
            ("python=3.11", "pytorch=2.1.1"),
            "12.9",
            "2.1.1 py3.11_cpu_0",
            id="trap: no nvidia channel",
        ),
        pytest.param(
            ON_PYTORCH,
            ("python=3.11", "pytorch=2.1.1"),
            "12.9",
            "2.1.1 py3.11_cuda12.1_cudnn8.9.2_0",
            id="the track feature holds the CPU build back",
        ),
        pytest.param(
            ON_PYTORCH,
            ("python=3.11", "pytorch=2.1.1", "cpuonly"),
            "12.9",
            "2.1.1 py3.11_cpu_0",
            id="cpuonly",
        ),
        pytest.param(
            WITHOUT_NVIDIA,
            ("python=3.10", "pytorch=1.12.1", "cudatoolkit=11.3"),
            "12.9",
            "1.12.1 py3.10_cuda11.3_cudnn8.3.2_0",
            id="cudatoolkit",
        ),
        pytest.param(
            ("pytorch", "conda-forge"),
            ("python=3.10", "pytorch=1.12.1", "cudatoolkit=11.6"),
            "12.9",
            "1.12.1 py3.10_cuda11.6_cudnn8.3.2_0",
            id="cudatoolkit of conda-forge",
        ),
        pytest.param(
            ON_PYTORCH,
            ("python=3.10", "pytorch=1.13.1", "pytorch-cuda=11.7"),
            "12.9",
            "1.13.1 py3.10_cuda11.7_cudnn8.5.0_0",
            id="the first pytorch-cuda",
        ),
        pytest.param(
            ("defaults",),
            ("python=3.11", "pytorch"),
            "12.9",
            "2.5.1 cpu_py311",
            id="trap: the defaults",
        ),
        pytest.param(
            ON_CONDA_FORGE,
            ("python=3.11", "pytorch"),
            "",
            "2.13.0 cpu_mkl_py311",
            id="trap: conda-forge without a driver",
        ),
        pytest.param(
            ON_CONDA_FORGE,
            ("python=3.11", "pytorch=2.7.1"),
            "12.9",
            "2.7.1 cuda129_mkl_py311",
            id="conda-forge with a driver",
        ),
        pytest.param(
            ON_CONDA_FORGE,
            ("python=3.11", "pytorch=2.13.0", "cuda-version=12.9"),
            "12.9",
            "2.13.0 cuda129_mkl_py311",
            id="cuda-version chooses",
        ),
        pytest.param(
            ON_CONDA_FORGE,
            ("python=3.10", "pytorch-gpu=2.10.0", "cuda-version=12.9"),
            "12.9",
            "2.10.0 cuda129_mkl_py310",
            id="pytorch-gpu",
        ),
        pytest.param(
            ON_CONDA_FORGE,
            ("python=3.11", "pytorch-cpu=2.13.0"),
            "12.9",
            "2.13.0 cpu_mkl_py311",
            id="pytorch-cpu",
        ),
        pytest.param(
            ON_CONDA_FORGE,
            ("python=3.11", "pytorch=2.1.2=cuda118*", "cuda-version=11.8"),
            "12.9",
            "2.1.2 cuda118_py311",
            id="an old conda-forge build, which cuda-version does not tell from cuda112",
        ),
    ],
)
def test_a_request_ends_in_the_build_that_the_real_channels_would_give(
    solver: Solver,
    where: tuple[str, ...],
    specs: tuple[str, ...],
    cuda: str | None,
    expected: str,
) -> None:
    assert solver.solve(where, specs, cuda)["pytorch"].startswith(expected)


@pytest.mark.parametrize(
    ("where", "specs", "expected"),
    [
        pytest.param(
            ON_PYTORCH,
            ("pytorch=2.1.2", "torchvision", "torchaudio", "pytorch-cuda=12.1", "python=3.11"),
            {"torchvision": "0.16.2 py311_cu121", "torchaudio": "2.1.2 py311_cu121"},
            id="pytorch",
        ),
        pytest.param(
            ON_CONDA_FORGE,
            ("pytorch=2.13.0", "torchvision", "cuda-version=12.9", "python=3.11"),
            {"torchvision": "0.28.0 cuda129py311"},
            id="conda-forge",
        ),
    ],
)
def test_companions_follow_torch(
    solver: Solver, where: tuple[str, ...], specs: tuple[str, ...], expected: dict[str, str]
) -> None:
    found = solver.solve(where, specs, "12.9")
    assert {name: found[name][: len(start)] for name, start in expected.items()} == expected


def test_strict_priority_hides_what_a_later_channel_has(solver: Solver) -> None:
    where = ("defaults", "conda-forge")
    strict = solver.solve(where, ("pytorch=2.5.1",), "12.9", channel_priority="strict")
    assert strict["pytorch"].startswith("2.5.1 cpu_py")


def test_a_real_install_leaves_the_records_and_files(
    conda: Conda, channels: Channels, tmp_path: Path
) -> None:
    condarc = channels.condarc(ON_PYTORCH)
    prefix = conda.prefix(
        tmp_path / "env", "python=3.11", "pytorch=2.1.1=*cuda12.1*", condarc=condarc
    )
    records = [path.stem for path in (prefix / "conda-meta").glob("*.json")]
    assert "pytorch-2.1.1-py3.11_cuda12.1_cudnn8.9.2_0" in records
    version = prefix / "lib/python3.11/site-packages/torch/version.py"
    assert "'12.1'" in version.read_text("utf-8")
    listed = conda.run("list", "--json", "-p", prefix, plugin=False).json
    assert {"pytorch", "python", "pytorch-cuda"} <= {record["name"] for record in listed}


def test_the_plugin_is_there_and_can_be_left_out(conda: Conda) -> None:
    code = (
        "from importlib.metadata import entry_points as e\n"
        "print([p.value for p in e(group='conda')])"
    )

    def found(*, plugin: bool) -> str:
        env = conda.environment(plugin=plugin)
        return _python(conda, code, env)

    assert "conda_cuda_guard.plugin" in found(plugin=True)
    assert "conda_cuda_guard.plugin" not in found(plugin=False)


def test_a_conda_without_channels_stays_at_home(conda: Conda, tmp_path: Path) -> None:
    ended = conda.run("install", "--dry-run", "-p", conda.prefix(tmp_path / "env"), "pytorch")
    assert ended.returncode != 0
    assert "file:///" in ended.stdout + ended.stderr
    assert "https:" not in ended.stdout + ended.stderr


def test_nothing_of_the_caller_gets_through(conda: Conda, monkeypatch: pytest.MonkeyPatch) -> None:
    callers = ("CONDA_PREFIX", "CONDA_CHANNELS", "CUDA_GUARD_CUDA", "CONDA_OVERRIDE_CUDA", "PIP_X")
    for name in callers:
        monkeypatch.setenv(name, "the-caller's")
    env = json.loads(
        _python(conda, "import json, os; print(json.dumps(dict(os.environ)))", conda.environment())
    )
    assert "the-caller's" not in env.values()


def _python(conda: Conda, code: str, env: dict[str, str]) -> str:
    ended = run([str(conda.python), "-c", code], env=env)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def build(folder: Path) -> None:
        folder.mkdir()
        raise ToolUnavailableError("no network")

    with pytest.raises(ToolUnavailableError):
        kept("tool", build, root=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".tool.lock"]


def test_a_build_happens_once(tmp_path: Path) -> None:
    built: list[Path] = []

    def build(folder: Path) -> None:
        folder.mkdir()
        built.append(folder)

    assert kept("tool", build, root=tmp_path) == kept("tool", build, root=tmp_path)
    assert len(built) == 1


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_a_missing_tool_fails_in_ci_and_skips_elsewhere(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no compiler"):
        _cannot(ToolUnavailableError("no compiler"))
