"""The rules of a hall: tickets, lines, numbers, the calling rule, the words and the views.

What belongs here does no I/O of its own and reads no clock: it is given the time and the values, and gives values back.
Apart and small beside the rules stand what every device shares: `text` (drawing), `client` (talking to the
server), `bench` (a device without its hardware), `clock` and `command` (the `dawr` command).
"""
