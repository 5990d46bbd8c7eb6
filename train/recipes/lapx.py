"""The paper's 3-stage LAPX at 256x256.

    python -m train lapx --data LSPET LSP --workdir DIR

Network, gamma target and the lengths of its phases in proportion (the paper ramps over 50 epochs): the paper's
(arXiv 2512.16089). Rotation, scale and flip: the field's habit for MPII, stronger in rotation for LSP's gymnasts. Learning
rate, batch and number of epochs: ours, and not tuned; on two CPU cores an epoch of 11,000 persons takes hours.
"""

from lapx_tf.data.augmentation import Augmentation
from train.recipe import Recipe

RECIPE = Recipe(
    name="lapx",
    width=208,
    stacks=3,
    nonlocal_stacks=(1, 3),
    size=(256, 256),
    epochs=150,
    batch_size=16,
    learning_rate=1e-3,
    warmup_epochs=2,
    sigma=1.5,
    augmentation=Augmentation(rotation=45, rotation_probability=0.7),
)
