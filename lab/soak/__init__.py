"""A large hall's whole day at speed, with processes that are killed at random: does anything grow, leak or get lost?

The processes are the real ones. `python -m lab.soak` lives through the day and prints what it came to.
"""
