"""Brings documents in; never writes rules. Not built yet: the bundled digests answer."""
