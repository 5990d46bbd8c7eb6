"""Measures that papers report, and the predictions that they need."""
