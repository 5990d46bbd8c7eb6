"""The paper's experiments as commands: `python -m train.ablate stages|warmup|nonlocal|stable --data DIR`."""
