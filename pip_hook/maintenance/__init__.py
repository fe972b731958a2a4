"""For maintainers: what is made from pip's own wheels. Not in the wheel."""
