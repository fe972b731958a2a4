"""Sources of builds: the built-in catalogue, indexes, channels and mirrors."""
