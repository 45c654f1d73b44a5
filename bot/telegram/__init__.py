"""The chat on Telegram. What talks to the framework: app, updates, inbox, delivery. What is said: one file a conversation,
each a function of an Event that returns a Turn."""
