"""Which kept answers a change of law can touch, and what it made of them. Pure: no database, no clock, no chat."""
