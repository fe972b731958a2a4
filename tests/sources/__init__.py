"""Tests of where builds come from."""
