"""For `python -m train.ablate`: three small stacks, 56 channels, 64x64; seconds an epoch on two cores.

    python -m train.ablate stages --data DIR

The form is the paper's: three stacks, NonLocal in the first and the last, 4x4 maps at the bottom (from two poolings here).
All other values are ours, and not tuned. At this width, two stacks of 68 channels and four of 48 have the same number of
parameters to 2.2%; at others the steps of four channels are too coarse for that.
"""

from lapx_tf.data.augmentation import Augmentation
from train.recipe import Recipe

RECIPE = Recipe(
    name="ablation",
    width=56,
    stacks=3,
    depth=2,
    nonlocal_stacks=(1, 3),
    size=(64, 64),
    epochs=30,
    batch_size=16,
    learning_rate=4e-3,
    augmentation=Augmentation(rotation=20, scale=0.2),
)
