"""`python -m pip_hook` is `pipcuda`."""

import sys

from .cli import main

sys.exit(main())
