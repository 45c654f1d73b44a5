"""Which control entries may a product fall under? Words, trade names and measured values against every list, without a
language model."""

from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "rules" / "classify"
"""Facts, learned weights and vocabularies of the desk: part of the rules, so part of their hash."""
