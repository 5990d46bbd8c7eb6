"""What `make demo` trains: one stack, 64 channels, 128x128; minutes on two cores.

    python -m train demo --data DIR --workdir DIR

Every value is ours; none is the paper's but the form of the gamma warm-up.
"""

from train.recipe import Recipe

RECIPE = Recipe(
    name="demo",
    width=64,
    stacks=1,
    nonlocal_stacks=(1,),
    size=(128, 128),
    epochs=20,
    batch_size=16,
    learning_rate=3e-3,
)
