"""Which networks there can be; without Keras, so that a recipe is checked before Keras is loaded."""

from collections.abc import Sequence
from typing import Literal, get_args

from lapx_tf import geometry

Logits = Literal["plain", "scaled", "cosine"]
Gain = Literal["gamma", "layer_scale", "zero_projection"]
"""Forms of NonLocal, the paper's first; `lapx_tf.models.non_local.NonLocal` says what they are."""


def check(
    width: int,
    stacks: int,
    depth: int,
    nonlocal_stacks: Sequence[int],
    joints: int = 1,
    input_shape: Sequence[int | None] = (None, None, 3),
    nonlocal_logits: str = "plain",
    nonlocal_gain: str = "gamma",
) -> None:
    """Checks the arguments of `lapx_tf.LAPX`, which says what they are.

    Raises:
        ValueError: one is outside its range.
    """
    if width < 4 or width % 4:
        raise ValueError(f"`width` must be a positive multiple of 4, got {width}")
    if stacks < 1 or depth < 1 or joints < 1:
        raise ValueError(f"`stacks`, `depth` and `joints` must be at least 1, got {stacks}, {depth} and {joints}")
    if not set(nonlocal_stacks) <= set(range(1, stacks + 1)):
        raise ValueError(f"`nonlocal_stacks` must be stacks from 1 to {stacks}, got {tuple(nonlocal_stacks)}")
    for name, form, accepted in (("logits", nonlocal_logits, Logits), ("gain", nonlocal_gain, Gain)):
        if form not in get_args(accepted):
            raise ValueError(f"`nonlocal_{name}` must be one of {', '.join(get_args(accepted))}, got {form!r}")
    if len(input_shape) != 3 or input_shape[2] != 3:
        raise ValueError(f"`input_shape` must be (height, width, 3), got {tuple(input_shape)}")
    known = [side for side in input_shape[:2] if side is not None]
    if known:
        geometry.heatmap_size((known[0], known[-1]))
