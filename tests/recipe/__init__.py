"""The conda recipe."""
