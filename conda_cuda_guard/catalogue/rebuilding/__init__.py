"""Make the catalogue's data files from the facts tables (maintainer's side; never at run time)."""
