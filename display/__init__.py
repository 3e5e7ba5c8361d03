"""The hall's board: what the hall sees and hears.

What belongs here draws the server's board on a screen and announces its calls; it decides nothing about them.
Nothing here is imported by another part, and of our packages only `dawr` is imported here.
"""
