"""`pipcuda env`: variables and settings by which plain pip and uv take the planned build."""
