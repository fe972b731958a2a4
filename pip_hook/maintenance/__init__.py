"""For maintainers: data generated from pip's own wheels."""
