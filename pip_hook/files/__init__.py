"""Requirement and constraint files of pip: read, planned with the line, rewritten for one run."""
