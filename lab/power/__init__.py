"""Power cuts at any moment: what a disk may hold afterwards, and whether every promise still holds.

Three levels, each stronger and slower than the one before: `replay` (the system calls of a real process, no root),
`volatile` (the real server and kiosk on a disk that forgets) and `guest` (a whole machine that is switched off).
"""
