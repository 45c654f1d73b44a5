"""Questions about the law itself: from passages that were found to an answer made of quotes."""
