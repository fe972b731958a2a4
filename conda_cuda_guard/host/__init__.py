"""This machine: detection of driver and GPUs, and what the user declares instead."""

from conda_cuda_guard.model.platforms import this_platform

__all__ = ["this_platform"]
