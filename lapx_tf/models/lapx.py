"""The LAPX network (arXiv 2512.16089): a lightweight stacked hourglass."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from lapx_tf import pretrained
from lapx_tf.errors import InputError
from lapx_tf.models import arguments
from lapx_tf.models.arguments import Gain, Logits
from lapx_tf.models.hourglass import Stack, Stem
from lapx_tf.models.layers import Shape, register
from lapx_tf.models.non_local import NonLocal
from lapx_tf.models.remat import rematerialized
from lapx_tf.skeletons import Skeleton

FORMAT_VERSION = 2
"""Of the config in a `.keras` file, raised when an older version of this package would misread it. Files without one are of
version 1, too. Version 2 has the form of NonLocal; a network of the paper's form is still written as version 1 was."""

PAPER_FORM = {"nonlocal_logits": "plain", "nonlocal_gain": "gamma"}
"""Of NonLocal."""


@register
class LAPX(keras.Model):
    """Heat maps of a person's joints from a crop around the person.

    In training (`model(images, training=True)`, as `fit` calls it) the output holds the heat maps of all stacks,
    [B, S, h, w, K], for intermediate supervision; in inference those of the last, [B, h, w, K]. h = H / 4, w = W / 4.
    `evaluate`, and with it the validation in `fit`, scores all stacks, so that its loss is the one of training.
    The input is [B, H, W, 3], RGB, normalised as `lapx_tf.pixels` says.

    Args:
        width: channels C, a multiple of 4 (the stem begins with C / 4).
        stacks: number of hourglasses S.
        depth: poolings in an hourglass; 4 gives 4x4 maps at the bottom for a 256x256 input.
        nonlocal_stacks: stacks whose hourglass carries ECA-NonLocal, counted from 1 as in the paper.
        joints: number of heat maps K.
        input_shape: (H, W, 3); H and W multiples of 4, or None for any.
        skeleton: names of the joints, or None where they are not known.
        training_notes: JSON-able facts about the training (data, recipe, scores) that travel with the model.
        remat: gradient checkpointing: training keeps what goes into the stem and into each stack and computes the rest again
            for the gradient. Same results up to rounding, less memory, more time.
        nonlocal_logits: what NonLocal's softmax gets: `plain`, the paper's, `scaled` or `cosine`; see `non_local.NonLocal`.
        nonlocal_gain: what NonLocal is multiplied by: `gamma`, the paper's, `layer_scale` or `zero_projection`; see there.

    Raises:
        ValueError: an argument is outside its range.
    """

    def __init__(
        self,
        width: int = 208,
        stacks: int = 3,
        depth: int = 4,
        nonlocal_stacks: Sequence[int] = (1, 3),
        joints: int = 16,
        input_shape: Shape = (256, 256, 3),
        skeleton: Skeleton | None = None,
        training_notes: Mapping[str, Any] | None = None,
        remat: bool = False,
        nonlocal_logits: Logits = "plain",
        nonlocal_gain: Gain = "gamma",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        arguments.check(width, stacks, depth, nonlocal_stacks, joints, input_shape, nonlocal_logits, nonlocal_gain)
        if skeleton is not None and len(skeleton.joints) != joints:
            raise ValueError(f"`skeleton` has {len(skeleton.joints)} joints, `joints` is {joints}")
        self.width, self.depth, self.joints = width, depth, joints
        self.nonlocal_stacks = tuple(nonlocal_stacks)
        self.nonlocal_logits, self.nonlocal_gain = nonlocal_logits, nonlocal_gain
        self.image_shape = tuple(input_shape)
        self.skeleton, self.training_notes = skeleton, dict(training_notes or {})
        self.remat, self._scoring = remat, False
        form = {"logits": nonlocal_logits, "gain": nonlocal_gain}
        self.stem = Stem(width, name="stem")
        self.stacks = [
            Stack(width, depth, form if i in self.nonlocal_stacks else None, joints, last=i == stacks, name=f"stack{i}")
            for i in range(1, stacks + 1)
        ]
        self.build((None, *input_shape))

    def build(self, input_shape: Shape) -> None:
        """Creates the weights without tracing the network, which would take seconds."""
        self.stem.build(input_shape)
        for stack in self.stacks:
            stack.build((input_shape[0], None, None, self.width))

    def stack_heatmaps(self, images: Any, training: bool = False) -> list[Any]:
        """The heat maps of each stack, S times [B, h, w, K], from images [B, H, W, 3]."""
        # Handed on by hand: on JAX, `fit` calls `call` itself, past Keras' way of telling the layers inside.
        (features,), heatmaps = self._run(self.stem, images, training), []
        for stack in self.stacks:
            features, of_stack = self._run(stack, features, training)
            # float32 whatever the policy: the loss is small and half precision would round it away.
            heatmaps.append(ops.cast(of_stack, "float32"))
        return heatmaps

    def call(self, images: Any, training: bool = False) -> Any:
        """See the class."""
        heatmaps = self.stack_heatmaps(images, training)
        return ops.stack(heatmaps, axis=1) if training or self._scoring else heatmaps[-1]

    def test_step(self, *args: Any, **kwargs: Any) -> Any:
        """Keras' step of an evaluation, on the heat maps of all stacks."""
        self._scoring = True  # while Keras traces the step, or runs it
        try:
            return super().test_step(*args, **kwargs)
        finally:
            self._scoring = False

    def _run(self, part: keras.layers.Layer, x: Any, training: bool) -> Sequence[Any]:
        """A list of what a part gives."""
        # The gradient begins with the last stack, so what is computed there is needed at once.
        if self.remat and training and part is not self.stacks[-1]:
            return rematerialized(part, x)
        return keras.tree.flatten(part(x, training=training))

    @property
    def image_size(self) -> tuple[int | None, int | None]:
        """(height, width) of the input, None where it is free."""
        return self.image_shape[0], self.image_shape[1]

    def nonlocal_layers(self) -> dict[int, NonLocal]:
        """The NonLocal modules by their stack, counted from 1."""
        return {i: self.stacks[i - 1].hourglass.attention.position for i in sorted(self.nonlocal_stacks)}

    def truncated(self, stacks: int) -> "LAPX":
        """The network that stops after stack `stacks`, with a copy of the weights.

        Raises:
            ValueError: there are not that many stacks.
        """
        if not 1 <= stacks <= len(self.stacks):
            raise ValueError(f"`stacks` must be 1 to {len(self.stacks)}, got {stacks}")
        config = self.get_config()
        config["stacks"] = stacks
        config["nonlocal_stacks"] = [i for i in self.nonlocal_stacks if i <= stacks]
        cut = LAPX.from_config(config)
        values = weights_by_path(self)
        for path, weight in weights_by_path(cut).items():
            weight.assign(values[path])
        return cut

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments, and the version of this form: the first that can read it."""
        form = {"nonlocal_logits": self.nonlocal_logits, "nonlocal_gain": self.nonlocal_gain}
        return {
            **({"format_version": 1} if form == PAPER_FORM else {"format_version": FORMAT_VERSION, **form}),
            "name": self.name,
            "width": self.width,
            "stacks": len(self.stacks),
            "depth": self.depth,
            "nonlocal_stacks": list(self.nonlocal_stacks),
            "joints": self.joints,
            "input_shape": list(self.image_shape),
            "skeleton": self.skeleton and self.skeleton.to_dict(),
            "training_notes": self.training_notes,
            "remat": self.remat,
        }

    @classmethod
    def from_preset(cls, name: str) -> "LAPX":
        """A trained network that comes with the package, such as `lapx_small_lsp`.

        Raises:
            InputError: there is no network of that name, or its file is not the one that was released.
        """
        from lapx_tf.models import storage  # which needs this class

        return storage.load(pretrained.file_of(name))

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "LAPX":
        """The inverse of `get_config`.

        Raises:
            InputError: the config was written by a newer version of this package.
        """
        values = dict(config)
        version = values.pop("format_version", 1)
        if version not in range(1, FORMAT_VERSION + 1):
            raise InputError(
                f"this version of lapx-tf reads networks up to format version {FORMAT_VERSION}, got {version!r}: update lapx-tf"
            )
        skeleton = values.get("skeleton")
        return cls(**{**values, "skeleton": skeleton and Skeleton.from_dict(skeleton)})


def weights_by_path(model: LAPX) -> dict[str, Any]:
    """All weights by their path inside the model, such as `stack1/hourglass/skip0/gate`."""
    return {weight.path.removeprefix(f"{model.name}/"): weight for weight in model.weights}
