"""What the tests stand on: a real conda, real pips, local channels and a local wheel index."""
