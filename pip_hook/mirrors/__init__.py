"""`pipcuda mirrors`: known mirrors, sources in force, speed tests, and switching to a mirror."""
