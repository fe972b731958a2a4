"""The doctor: known failures as rules, and which of them an error text or a machine shows."""

from .rule_base import Gathered, Match, clean, gather_rules, match
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
