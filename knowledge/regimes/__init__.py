"""One module a regime: `determine(transaction, rulebook, on)`, pure."""
