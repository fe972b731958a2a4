"""`python -m pip_hook` is `pipcuda`."""

import os
import sys

# As pip does for itself: what the current folder holds is no part of us, of pip or of Python,
# unless this package is there. `os` is loaded by now; pathlib might come from that folder.
_HERE = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120
if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False) or sys.path[0] == _HERE):
    del sys.path[0]

from .script import main  # noqa: E402

sys.exit(main())
