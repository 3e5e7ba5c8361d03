"""A whole centre in one process, from one seed: people, machines, disks, printers, wires, and what goes wrong with them.

The rules, the journal, the log and what decides around them are the real ones; see docs/simulation.md.
"""
