"""The paper's networks, and small members of the family. Parameters are counted for 16 joints.

`presets.lapx()` is LAPX(width=208, stacks=3); every keyword of `LAPX` can be overridden: `presets.lapx(joints=17)`.
"""

from typing import Any

from lapx_tf.models.lapx import LAPX


def lapx(**kwargs: Any) -> LAPX:
    """LAPX, the 3-stage network of the paper: 2,277,675 parameters, 3.21 GMAC at 256x256."""
    return LAPX(**{"width": 208, "stacks": 3, "nonlocal_stacks": (1, 3), "name": "lapx", **kwargs})


def lapx_2_stage(**kwargs: Any) -> LAPX:
    """The 2-stage network of the paper's ablation: 2,319,979 parameters, 3.40 GMAC at 256x256."""
    return LAPX(**{"width": 256, "stacks": 2, "nonlocal_stacks": (1, 2), "name": "lapx_2_stage", **kwargs})


def lapx_4_stage(**kwargs: Any) -> LAPX:
    """The 4-stage network of the paper's ablation: 2,270,641 parameters, 3.13 GMAC at 256x256."""
    return LAPX(**{"width": 180, "stacks": 4, "nonlocal_stacks": (1, 4), "name": "lapx_4_stage", **kwargs})
