"""What must not happen: a secret shown, a stranger's code run, a process left behind."""
