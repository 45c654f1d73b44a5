"""The memo of an answer for the compliance file: what was asked, what came out and why, who looked at it, and the marks by
which it is told from a forged or changed one. `build` makes it as data, one module a format writes it, `issue` gives it out."""
