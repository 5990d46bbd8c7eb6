"""Training and evaluation, run from a checkout: `python -m train RECIPE ...`, `python -m train.evaluate MODEL ...`."""
