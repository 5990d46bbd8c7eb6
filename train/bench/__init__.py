"""How fast training and its data are: `python -m train.bench`, `train.bench.pipeline`, `train.bench.training`."""
