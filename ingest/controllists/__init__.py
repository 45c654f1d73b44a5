"""Official control lists compiled into structured facts: which items, which reasons, where a licence is needed."""

from ingest.controllists.ccl import compile_list, summary

__all__ = ["compile_list", "summary"]
