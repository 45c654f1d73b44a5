"""Document -> instruments with their provisions, by the structure of the law they are. See `assemble.structure`."""

from ingest.structure.assemble import structure

__all__ = ["structure"]
