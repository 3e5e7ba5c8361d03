"""What a centre keeps on record of people, devices and itself: records in chains, and what proves them whole.

`chain` is how records are chained, `trail` the audit log itself, `exports` records what is taken away, `view` shows the
log, `verified` proves it, each night by `nightly`; `command` is `dawr audit`.
"""
