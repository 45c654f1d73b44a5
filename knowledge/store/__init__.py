"""What has been ingested: the database that is the truth, and the indexes derived from it."""
