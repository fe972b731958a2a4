"""Choose the PyTorch build that this machine's driver and GPUs can run."""

__version__ = "0.1.0"
