"""Questions written apart from the rules and from the evasion corpus, by people who had not seen the product.

`python -m tests.heldout` (`make heldout`) answers them and prints how many come out as their authors expected. They are a
measurement, not a bar: where experts differ, the authors' `confidence` says so. Development has looked at their misses
since, so a fresh set is worth more than these.
"""
