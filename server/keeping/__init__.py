"""Keeping the log: a command becomes stored events here, by the hall's clock, and nothing stored is lost again."""
