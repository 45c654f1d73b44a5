"""Control lists compiled from the publishers' structured text: what they hold, kept apart from what anyone has reviewed."""
