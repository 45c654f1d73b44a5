"""What Navicert knows and how it decides: dated law as data, the reading of questions, determination."""
