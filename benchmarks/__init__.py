"""Measurements, never run by the tests: `make bench` prints them and writes `docs/performance.json`."""
