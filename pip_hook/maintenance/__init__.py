"""The maintainer's side of pip_hook: tables made from pip's own wheels. Not in the wheel."""
