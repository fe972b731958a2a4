"""conda's environment.yml: its conda part and its pip list, rewritten by one plan."""
