"""The conda side: the only code that imports conda."""
