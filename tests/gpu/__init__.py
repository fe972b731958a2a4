"""The check of a machine with an NVIDIA GPU: `python3 -m tests.gpu` (docs/gpu.md)."""
