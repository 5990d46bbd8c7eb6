"""LAPX on COCO keypoints at 256x192: the paper's network, 70.6 AP on val2017 by the paper.

    python -m train coco_256x192 --data COCO --workdir DIR
    python -m train.evaluate DIR/best.keras --dataset coco --data COCO --flip-test --detections FILE --json OUT

Data: the persons of train2017 with labelled joints; val2017 is held out. 17 joints, boxes of the annotations in training.
Score: 70.6 AP is the paper's (arXiv 2512.16089); which detector's boxes it took is not known to us, the field takes those of
Xiao et al. (ECCV 2018). Ours is not measured: of COCO's pictures only 36 were at hand.
Time: about 150,000 persons an epoch, 210 epochs; at the 2 images/s of two CPU cores, months. It wants GPUs.

| value | whose |
|---|---|
| network; gamma target; a ramp of 50 epochs | the paper's |
| Adam, learning rate 1e-3, a tenth of it after 170 and 200 of 210 epochs | HRNet's; Xiao et al.: after 90 and 120 of 140 |
| flip 0.5, scale 0.35, rotation 45 for 0.6, half body 0.3, sigma 2 | HRNet's |
| batch 32 | HRNet's on each of four GPUs |
| length of the frozen phase, colours, translation, warm-up of one epoch, cut gradients, EMA | ours |

What the paper trained with (optimizer, epochs, batch, augmentation, sigma) is not known to us. HRNet's (Sun et al., CVPR
2019) are `experiments/coco/hrnet/w32_256x192_adam_lr1e-3.yaml` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
"""

from lapx_tf.data.augmentation import Augmentation
from train.recipe import GammaPhases, Recipe

RECIPE = Recipe(
    name="coco_256x192",
    width=208,
    stacks=3,
    nonlocal_stacks=(1, 3),
    size=(256, 192),
    epochs=210,
    batch_size=32,
    learning_rate=1e-3,
    optimizer="adam",
    weight_decay=0.0,
    schedule="steps",
    ema=0.999,
    sigma=2.0,
    augmentation=Augmentation(flip=0.5, scale=0.35, rotation=45, rotation_probability=0.6, half_body=0.3),
    gamma=GammaPhases(frozen=0.15, ramp=50 / 210),
)
