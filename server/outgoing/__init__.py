"""What the server sends out of the hall by itself: alerts to another program, the day's report by mail and on paper.

None of it holds anything up: each sender has a thread of its own, keeps what it has sent in a small file beside the
log, and tries again what could not be sent. `settings/server.py` says what is switched on.
"""
