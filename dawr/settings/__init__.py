"""What people set: one TOML file for the centre and a small one for each device, every mistake reported at once."""
