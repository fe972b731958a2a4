"""The maintainer's side: the facts, and what makes the catalogue from them. Not in the wheel."""
