"""Runs in an interpreter under test: load libraries once, then fork for each `python -m MODULE`.

What a run may see is as at a start of its own: variables, folder, `sys.path`, `sys.argv`, standard
streams. Loaded are libraries and what of this project is neither's alone, nothing of pip's or
conda's own, as these read variables while they load. See `preloaded.py` for who asks.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import re
import runpy
import signal
import socket
import sys
from types import ModuleType
from typing import Any

LIBRARIES = (
    "archspec.cpu",
    "boltons.setutils",
    "boltons.timeutils",
    "compileall",
    "concurrent.futures.process",
    "concurrent.futures.thread",
    "conda_package_handling.api",
    "configparser",
    "contextvars",
    "ctypes",
    "difflib",
    "distro",
    "frozendict",
    "ftplib",
    "getpass",
    "jsonpatch",
    "netrc",
    "optparse",
    "packaging.requirements",
    "pip._vendor.cachecontrol.caches.file_cache",
    "pip._vendor.distlib.scripts",
    "pip._vendor.distro",
    "pip._vendor.packaging.dependency_groups",
    "pip._vendor.packaging.direct_url",
    "pip._vendor.packaging.pylock",
    "pip._vendor.platformdirs",
    "pip._vendor.pygments.lexers.python",
    "pip._vendor.pyproject_hooks",
    "pip._vendor.resolvelib",
    "pip._vendor.rich.logging",
    "pip._vendor.rich.progress",
    "pip._vendor.rich.traceback",
    "pip._vendor.tenacity",
    "pip._vendor.truststore",
    "platformdirs",
    "pluggy",
    "pprint",
    "pycosat",
    "requests",
    "rich.table",
    "ruamel.yaml",
    "ruamel.yaml.mergevalue",
    "sqlite3",
    "tarfile",
    "tqdm",
    "uuid",
    "zipfile",
    "zstandard",
)
# Loaded too: ours that does not import conda. It reads one variable while it loads, by which
# `preloaded.py` keeps interpreters apart.
OURS = ("conda_cuda_guard", "pip_hook")
_NOT_OURS_ALONE = re.compile(
    r"\.(conda_plugin|plugin|rebuilding|maintenance|__main__|\w*probe\w*)\b"
)
# The longest request, which holds a command line and all variables: a socket takes it at once.
REQUEST = 1 << 16


def main() -> None:
    """Serve until the asker closes the socket, whose number is the argument."""
    asker = socket.socket(fileno=int(sys.argv[1]))
    for name in LIBRARIES:
        with contextlib.suppress(Exception):  # not every environment has each of them
            importlib.import_module(name)
    load_ours()
    gc.collect()
    gc.freeze()
    while True:
        # A request comes whole: the socket keeps the bounds of messages.
        asked, streams, _, _ = socket.recv_fds(asker, REQUEST, 3)
        if not asked:
            return
        child = os.fork()
        if not child:
            asker.close()
            break
        for stream in streams:
            os.close(stream)
        asker.send(json.dumps({"pid": child}).encode())
        _, status = os.waitpid(child, 0)
        asker.send(json.dumps({"status": status}).encode())
    request = json.loads(asked)
    _begin(request, streams)
    # What `python -m` calls.
    runpy._run_module_as_main(request["module"])  # type: ignore[attr-defined]  # noqa: SLF001


def load_ours() -> None:
    """Load what is ours, but for what loads conda or belongs to scripts."""
    for name in OURS:
        _load_below(name)


def _load_below(name: str) -> None:
    """Load a package with all that is in it, where it is here."""
    with contextlib.suppress(Exception):
        package = importlib.import_module(name)
        for _, inner, is_package in pkgutil.iter_modules(package.__path__, f"{name}."):
            if _NOT_OURS_ALONE.search(inner):
                continue
            if is_package:
                _load_below(inner)
            else:
                importlib.import_module(inner)


def _begin(request: dict[str, Any], streams: list[int]) -> None:
    """Make this process what a new one is."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.path[0] = os.getcwd()  # noqa: PTH109 - as Python writes it
    sys.argv = ["-m", *request["words"]]
    sys.orig_argv = [sys.executable, "-m", request["module"], *request["words"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.modules["__main__"] = main = ModuleType("__main__")
    main.__annotations__ = {}


if __name__ == "__main__":
    main()
