"""What `make demo` trains: one stack, 64 channels, 128x128; minutes on two CPU cores.

    python -m train demo [--data LSP] --workdir DIR

Data: any; without `--data`, synthetic people.
Score and time: in the README's table of the demo, 52.4 PCK@0.2 on LSP val after 4.9 minutes.

The form of the gamma warm-up and its target are the paper's (arXiv 2512.16089), every other value is ours. Three poolings leave
4x4 maps for the NonLocal module, as four do for 256x256. The rotation is mild: there is no time to learn people upside down.
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
