"""A hall on a network of its own: each machine a network namespace, the cables and the switch under our hands.

The processes are the real ones (`python -m server|kiosk|counter|display`), with their benches and virtual printers.
Root and /dev/net/tun are needed; nothing outside the namespaces is touched. `python -m lab.network` runs the scenarios.
"""
