"""Requirement and constraint files of pip: parsed, planned with the line, rewritten."""
