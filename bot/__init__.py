"""Talks to people: the command line and the terminal chat."""
