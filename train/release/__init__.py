"""`python -m train.release`: from a trained network to what the package ships, and to the figures of its card."""
