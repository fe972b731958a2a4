"""The planner against the contract, sentence by sentence."""
