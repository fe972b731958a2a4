"""This machine: detection of driver and GPUs, and what the user declares instead."""
