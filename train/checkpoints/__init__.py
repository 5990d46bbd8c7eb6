"""What a training is at a moment, kept so that it can go on from there."""
