"""Words as numbers: terms and stems, inverted lists, small learners. Shared by search and by the classification desk."""
