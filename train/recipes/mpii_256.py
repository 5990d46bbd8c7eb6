"""LAPX on MPII at 256x256: the paper's network, 88.6 PCKh@0.5 on val by the paper.

    python -m train mpii_256 --data MPII --workdir DIR
    python -m train.evaluate DIR/best.keras --dataset mpii --data MPII --flip-test --json OUT

Data: the 22,246 persons that the field trains on, the 2,958 of Tompson et al. (CVPR 2015) held out; half bodies are not drawn.
Score: 88.6 is the paper's (arXiv 2512.16089), with flip test. Ours is not measured: MPII's pictures were not at hand.
Time: 4.7 million images for 210 epochs; at the 2 images/s of two CPU cores, four weeks. It wants a GPU.

| value | whose |
|---|---|
| network; gamma target; a ramp of 50 epochs | the paper's |
| Adam, learning rate 1e-3, a tenth of it after 170 and 200 of 210 epochs | HRNet's; Xiao et al.: after 90 and 120 of 140 |
| flip 0.5, scale 0.25, rotation 30 for 0.6, sigma 2 | HRNet's; Xiao et al. rotate as far |
| batch 32 | HRNet's on each of four GPUs; Xiao et al.'s |
| length of the frozen phase, colours, translation, warm-up of one epoch, cut gradients, EMA | ours |

What the paper trained with (optimizer, epochs, batch, augmentation, sigma) is not known to us. HRNet's (Sun et al., CVPR
2019) are `experiments/mpii/hrnet/w32_256x256_adam_lr1e-3.yaml` of github.com/leoxiaobin/deep-high-resolution-net.pytorch,
Xiao et al.'s (ECCV 2018) `experiments/mpii/resnet50/256x256_d256x3_adam_lr1e-3.yaml` of
github.com/microsoft/human-pose-estimation.pytorch.
"""

from lapx_tf.data.augmentation import Augmentation
from train.recipe import GammaPhases, Recipe

RECIPE = Recipe(
    name="mpii_256",
    width=208,
    stacks=3,
    nonlocal_stacks=(1, 3),
    size=(256, 256),
    epochs=210,
    batch_size=32,
    learning_rate=1e-3,
    optimizer="adam",
    weight_decay=0.0,
    schedule="steps",
    ema=0.999,
    sigma=2.0,
    augmentation=Augmentation(flip=0.5, scale=0.25, rotation=30, rotation_probability=0.6),
    gamma=GammaPhases(frozen=0.15, ramp=50 / 210),
)
