"""Tests of the words: languages, and that none is missing."""
