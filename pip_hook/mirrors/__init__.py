"""`pipcuda mirrors`: which mirrors are known and in force, how they do, and how to use one."""
