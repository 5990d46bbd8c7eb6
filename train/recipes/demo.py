"""What `make demo` trains: one stack, 64 channels, 128x128; minutes on two cores.

    python -m train demo --data DIR --workdir DIR

Every value is ours; none is the paper's but the form of the gamma warm-up. Three poolings leave 4x4 maps for the NonLocal
module, as four do for 256x256. The rotation is mild, for there is no time to learn people upside down.
"""

from lapx_tf.data.augmentation import Augmentation
from train.recipe import Recipe

RECIPE = Recipe(
    name="demo",
    width=64,
    stacks=1,
    depth=3,
    nonlocal_stacks=(1,),
    size=(128, 128),
    epochs=18,
    batch_size=16,
    learning_rate=4e-3,
    augmentation=Augmentation(rotation=20, scale=0.2),
)
