"""A small member of the family, for phones and for training on a CPU: two stacks, 128 channels, 128x128.

    python -m train lapx_small --data LSPET LSP --drop-suspicious --workdir DIR
    python -m train.evaluate DIR/best.keras --dataset lsp --data LSP --flip-test --json OUT

Data: LSPET (10,000) and LSP 1-1000; LSP 1001-1500 are held out.
Score: docs/models/lapx_small_lsp.md, of the network that this recipe was followed for, as far as it got.

The form of the gamma warm-up and its target are the paper's (arXiv 2512.16089), every other value is ours: the people are
athletes and gymnasts in every orientation, so the rotation is stronger than the field's 30 degrees for MPII.
"""

from lapx_tf.data.augmentation import Augmentation
from train.recipe import Recipe

RECIPE = Recipe(
    name="lapx_small",
    width=128,
    stacks=2,
    depth=3,
    nonlocal_stacks=(1, 2),
    size=(128, 128),
    epochs=100,
    batch_size=32,
    learning_rate=3e-3,
    ema=0.999,
    augmentation=Augmentation(rotation=45, rotation_probability=0.7),
)
