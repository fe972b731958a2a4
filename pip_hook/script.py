"""The console script: an interrupt ends it quietly at any moment, also while modules load."""

import os
import signal

_INTERRUPTED = 130  # INTERRUPTED of the contract, which is not loaded yet


def _end(*_: object) -> None:
    os._exit(_INTERRUPTED)  # nothing has begun, or all is done


# Where interrupts are ignored, as for a job in the background, they stay so.
_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _ours:
    signal.signal(signal.SIGINT, _end)


def main() -> int:
    """Run pipcuda and return its exit status."""
    from .cli import main as run

    try:
        if _ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        if _ours:
            signal.signal(signal.SIGINT, _end)
