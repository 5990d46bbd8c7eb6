"""Are multiply-accumulates time? LAPX beside Lite-HRNet and the plain hourglass, on this machine.

`python -m convert.flops --out DIR`; docs/flops.md says what came of it.
"""
