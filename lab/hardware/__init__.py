"""Real devices without devices: a machine in QEMU whose kernel has a USB printer and pins that the lab moves.

`drivers` makes the one kernel module that Debian leaves out, `machine` says what the machine has. In it, `gadget` is
the printer's side of the USB cable and `pins` the hand on the buttons; `hall` runs the kiosk and the counter's box,
`scenarios` is what happens to them, `inside` the first process.
"""
