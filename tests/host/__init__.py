"""Tests of detection and of what users declare instead."""
