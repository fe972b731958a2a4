"""The family as a dependency of other packages: constrained to builds that run here."""
