"""Whole machines in QEMU, aarch64 as a Raspberry Pi is: how labs build them, start them and talk with them.

What a machine has and does belongs to the lab that needs it.
"""
