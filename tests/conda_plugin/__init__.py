"""Tests of the conda side, by a real conda on local channels."""
