"""Measure conda's own `__cuda` detection: run by conda's interpreter (`python conda_times.py`)."""

import statistics
import sys
import time

_AGAIN = 3


def main() -> int:
    """Print what conda detects, and how long it takes; return the exit status."""
    from conda.plugins.virtual_packages import cuda

    seconds, found = [], None
    for _ in range(1 + _AGAIN):
        start = time.perf_counter()
        found = cuda.cuda_version()
        seconds.append(time.perf_counter() - start)
    first, after = 1000 * seconds[0], 1000 * statistics.median(seconds[1:])
    print(f"conda's __cuda: {found}; first {first:.0f} ms, after {after:.0f} ms")
    return int(found is None)


# Its detection starts a child that imports this file anew.
if __name__ == "__main__":
    sys.exit(main())
