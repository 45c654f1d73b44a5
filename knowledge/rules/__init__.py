"""The law as data. YAML only; `knowledge.rulebook` reads it."""
