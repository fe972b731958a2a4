"""The doctor: known failures as rules, and which of them an error text or a machine shows."""

from .gathering import Gathered, gather_rules
from .matching import Match, clean, match
from .rules import Evidence, Rule, RuleError, facts_words, rule_from

__all__ = [
    "Evidence",
    "Gathered",
    "Match",
    "Rule",
    "RuleError",
    "clean",
    "facts_words",
    "gather_rules",
    "match",
    "rule_from",
]
