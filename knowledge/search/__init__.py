"""Question to passages: what the words say, what the numbers name, what the meaning is near; then one ranking of all three."""
