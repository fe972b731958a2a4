"""uv as the engine: the same plan, carried out by `uv pip install`."""
