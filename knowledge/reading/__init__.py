"""A messy question in any of ten languages -> a Transaction. No model, no network; the date is a parameter."""
