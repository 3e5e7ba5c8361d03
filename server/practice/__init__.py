"""Halls with invented visitors: the one a clerk practises in, and the busy days of the demo and the benchmarks."""
