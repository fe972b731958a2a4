"""Fuzzing: random inputs, and what must hold of each; `python -m tests.fuzz` goes on for long."""
