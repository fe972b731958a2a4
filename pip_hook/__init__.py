"""Get the PyTorch build that runs here, through pip."""
