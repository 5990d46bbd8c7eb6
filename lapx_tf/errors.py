"""The errors that commands turn into one sentence and an exit code."""


class InputError(ValueError):
    """The user's input is wrong: a file, a folder or an argument. The message says what, received and accepted."""


class NoSuchSplitError(InputError):
    """The data set is sound but has no people in the split asked for."""


class GateError(RuntimeError):
    """A check of the result failed, for example a conversion that does not agree with Keras."""
