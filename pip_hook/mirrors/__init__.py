"""`pipcuda mirrors`: list mirrors, test their speed, configure pip and conda to use one."""
