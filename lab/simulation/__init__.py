"""A whole centre in one process, from one seed: people, machines, disks, printers, wires, and all that can go wrong.

The rules, the journal, the log and what decides around them are the real ones; see docs/simulation.md.
"""
