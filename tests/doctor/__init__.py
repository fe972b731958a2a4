"""The doctor and its rules."""
