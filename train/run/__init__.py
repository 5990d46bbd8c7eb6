"""What one training run is made of: the network, how it is fitted, where, and how it ends."""
