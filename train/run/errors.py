"""Errors of training."""

from lapx_tf.errors import GateError


class DivergedError(GateError):
    """The loss or the weights have left all bounds."""
