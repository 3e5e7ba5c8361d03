"""What the log forgets of people, and when: `retention` removes it, `command` is `dawr privacy`."""
