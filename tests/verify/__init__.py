"""Tests of the verification of an environment's torch."""
