"""Level 3: a whole machine, aarch64 as a Raspberry Pi is, with Debian's kernel and ext4, switched off at any moment.

`machine` runs it in QEMU, `network_disk` is its disk, `inside` is what it runs.
"""
