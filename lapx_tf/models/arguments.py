"""Which networks there can be; without Keras, so that a recipe is checked before Keras is loaded."""

from collections.abc import Sequence

from lapx_tf import geometry


def check(
    width: int,
    stacks: int,
    depth: int,
    nonlocal_stacks: Sequence[int],
    joints: int = 1,
    input_shape: Sequence[int | None] = (None, None, 3),
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
    if len(input_shape) != 3 or input_shape[2] != 3:
        raise ValueError(f"`input_shape` must be (height, width, 3), got {tuple(input_shape)}")
    known = [side for side in input_shape[:2] if side is not None]
    if known:
        geometry.heatmap_size((known[0], known[-1]))
