"""A data set as training sees it: `python -m train.inspect`."""
