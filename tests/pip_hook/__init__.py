"""Tests of pipcuda."""
