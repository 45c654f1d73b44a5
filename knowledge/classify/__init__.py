"""Which control entries may a product fall under? Words, trade names and measured values against every list, without a
language model."""
