"""For every test: Hypothesis may take its time, for machines are noisy and speed is measured in benchmarks."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
