"""LAPX on Leeds Sports Pose at 256x256: the paper's network on 11,000 athletes, where MPII is not at hand.

    python -m train lsp_256 --data LSPET LSP --drop-suspicious --workdir DIR
    python -m train.evaluate DIR/best.keras --dataset lsp --data LSP --flip-test --json OUT

Data: LSPET (10,000) and LSP 1-1000; LSP 1001-1500 are held out. Crops are the squares around the labelled joints x 1.25.
Score: the paper has none on LSP. Convolutional Pose Machines (Wei et al., CVPR 2016), trained on the same data, publish 84.3
PCK@0.2 on LSP's 1,000 test images. Ours: docs/models/lapx_lsp.md, of a network for which this recipe
was shortened to what two CPU cores do in four hours.
Time: 1.7 million images for 150 epochs; at the 4.3 images/s of two CPU cores (bfloat16), four and a half days.
From nothing: three epochs of LSP 1-1000 alone, 375 steps (`python -m train lsp_256 --data LSP --batch-size 8 --epochs 4`, two
CPU cores): the loss of an epoch falls 0.00493, 0.00464, 0.00440, PCK@0.2 in validation rises 4.9, 8.5, 16.6
(docs/training/lsp_256.csv). `--grow lapx_small_lsp` begins with what that network knows.

| value | whose |
|---|---|
| network; gamma target | the paper's (arXiv 2512.16089) |
| a third of the epochs for the ramp of gamma | the paper's 50 epochs, of 150 |
| flip 0.5, scale 0.25 | the field's for MPII (HRNet, Xiao et al., ECCV 2018) |
| rotation 45 for 0.7 | ours: the field's for MPII is 30 for 0.6, but gymnasts are upside down as well |
| AdamW, cosine, learning rate, epochs, batch 16, sigma 1.5, colours, the rest | ours, not tuned |
"""

from lapx_tf.data.augmentation import Augmentation
from train.recipe import GammaPhases, Recipe

RECIPE = Recipe(
    name="lsp_256",
    width=208,
    stacks=3,
    nonlocal_stacks=(1, 3),
    size=(256, 256),
    epochs=150,
    batch_size=16,
    learning_rate=1e-3,
    warmup_epochs=2,
    ema=0.999,
    augmentation=Augmentation(rotation=45, rotation_probability=0.7),
    gamma=GammaPhases(frozen=0.15, ramp=50 / 150),
)
