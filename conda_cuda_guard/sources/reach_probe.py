"""Ask addresses side by side, in a process of its own that is ended when the time is over.

Run as a script, with the task in CUDA_GUARD_REACH. Prints one JSON line for each answer: the
address's number, and the HTTP status or a text that says why there was none.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit


def ask(address: dict[str, Any], seconds: float) -> int | str:
    """Return the status that an address answers with, or why it does not answer."""
    handlers: list[urllib.request.BaseHandler] = []
    if address["proxy"]:
        proxies = {"http": address["proxy"], "https": address["proxy"]}
        handlers.append(urllib.request.ProxyHandler(proxies))
    opener = urllib.request.build_opener(*handlers)
    url, headers = plain(address["url"])
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310
        with opener.open(request, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - whatever a network does
        return reason(error)


def plain(url: str) -> tuple[str, dict[str, str]]:
    """Return an address without its credentials, and the headers that carry them."""
    headers = {"User-Agent": "pipcuda"}
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    if at:
        token = base64.b64encode(unquote(credentials).encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    return urlunsplit(parts._replace(netloc=host)), headers


def reason(error: Exception) -> int | str:
    """Return why there was no answer; one whose certificate is not trusted here did answer."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        # pip and conda may trust others than this interpreter does.
        return 200
    return getattr(cause, "strerror", None) or str(cause) or type(error).__name__


def main() -> None:
    """Ask all of them, and leave after the seconds allowed."""
    task = json.loads(os.environ["CUDA_GUARD_REACH"])
    lock = threading.Lock()

    def work(number: int, address: dict[str, Any]) -> None:
        told = ask(address, task["seconds"])
        with lock:
            print(json.dumps([number, told]), flush=True)

    threads = [
        threading.Thread(target=work, args=one, daemon=True) for one in enumerate(task["addresses"])
    ]
    end = time.monotonic() + task["seconds"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    # Those that still wait are not waited for.
    with lock:
        os._exit(0)


if __name__ == "__main__":
    main()
