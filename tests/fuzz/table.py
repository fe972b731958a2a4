"""The targets of `python -m tests.fuzz`: hypothesis tests, each by the name of what it varies.

A new target is a test with `@given` and no fixture, in the room of what it tests, and a row here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

TARGETS = {
    "plans-pip": "tests.fuzz.test_plans:test_pip",
    "plans-conda": "tests.fuzz.test_plans:test_conda",
    "plans-others": "tests.fuzz.test_plans:test_what_is_not_of_a_family_stays",
    "plans-again-pip": "tests.fuzz.test_plans:test_a_plan_of_a_plan_is_the_same_with_pip",
    "plans-again-conda": "tests.fuzz.test_plans:test_a_plan_of_a_plan_is_the_same_with_conda",
    "plans-newer-driver": "tests.fuzz.test_plans:test_a_newer_driver_loses_no_fit",
    "plans-fewer-gpus": "tests.fuzz.test_plans:test_fewer_gpus_lose_no_fit",
    "plans-more-builds": "tests.fuzz.test_plans:test_more_builds_lose_no_fit",
    "plans-cpu": "tests.fuzz.test_plans:test_no_cpu_build_is_taken_silently",
    "requirement-files": "tests.fuzz.test_commands:test_requirement_files",
    "requirement-plans": "tests.fuzz.test_commands:test_plans_of_requirement_files",
    "environment-yml": "tests.fuzz.test_commands:test_environment_files",
    "host-json": "tests.fuzz.test_commands:test_host_files",
    "batch": "tests.fuzz.test_commands:test_batches",
    "explain": "tests.fuzz.test_commands:test_pasted_texts",
    "command-lines": "tests.fuzz.test_commands:test_command_lines",
    "metadata": "tests.fuzz.test_readers:test_metadata",
    "pip-settings": "tests.fuzz.test_readers:test_settings_of_pip",
    "pages-html": "tests.sources.test_pages:test_no_page_is_too_odd",
    "pages-json": "tests.sources.test_pages:test_no_json_is_too_odd",
    "variants-json": "tests.sources.test_variants_json:test_any_description_is_read_or_left",
    "family-files": "tests.catalogue.test_third_party:test_no_file_of_others_breaks_a_plan",
    "wheel-names": "tests.sources.test_listing:test_no_name_is_too_odd",
    "redaction": "tests.safety.test_redaction:test_what_was_redacted_is_redacted_already",
    "passwords": "tests.safety.test_redaction:test_no_password_is_shown_whatever_is_in_it",
    "quoting-windows": "tests.rendering.test_quoting:test_windows_reads_the_words_that_were_quoted",
    "quoting-posix": "tests.rendering.test_quoting:test_posix_reads_the_words_that_were_quoted",
}


def random_test(target: str) -> Any:
    """Return the hypothesis test of a target."""
    module, _, name = TARGETS[target].partition(":")
    return getattr(import_module(module), name)
