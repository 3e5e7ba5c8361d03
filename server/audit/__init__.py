"""What a centre keeps on record of people, devices and itself: records in chains, and what proves them whole.

`chain` is how records are chained, `command` the command `dawr audit`.
"""
