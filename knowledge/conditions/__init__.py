"""What a rule asks of the goods and of the deal: small condition trees, evaluated in three-valued logic."""
