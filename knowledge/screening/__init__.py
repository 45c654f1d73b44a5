"""Names against the lists. This module is light; the engine over every list is in `knowledge.screening.service`."""

from knowledge.screening.questions import CANDIDATE, Screener, core, organisations

__all__ = ["CANDIDATE", "Screener", "core", "organisations"]
