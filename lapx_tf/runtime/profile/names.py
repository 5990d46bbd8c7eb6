"""Which operation of a `.tflite` file each of XNNPACK's kernels is.

XNNPACK tells the kinds of its kernels and not what of the file they compute. It runs them in the order of the file, though, and
where there are as many kernels of a kind as operations in the file that become that kind, the first is the first, and so on.
Otherwise (it leaves out and joins operations) their names stay unknown.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

_BECOME = (
    ("DWConv", ("DEPTHWISE_CONV_2D",)),
    ("Batch Matrix Multiply", ("BATCH_MATMUL",)),
    ("GEMM", ("CONV_2D", "FULLY_CONNECTED")),
    ("Max Pooling", ("MAX_POOL_2D",)),
    ("Reduce Max", ("REDUCE_MAX",)),
    ("Mean", ("MEAN",)),
    ("Softmax", ("SOFTMAX",)),
    ("Sigmoid", ("LOGISTIC",)),
    ("ELU", ("ELU",)),
    ("Invalid Unary", ("ELU",)),
    ("Multiply", ("MUL",)),
    ("Add", ("ADD",)),
    ("Copy", ("CONCATENATION",)),
)
"""What is in the name of a kernel, and what it computes; the first that fits counts. int8 ELU has no name of its own."""


def names_of(kinds: Sequence[str], operations: Sequence[tuple[str, str]]) -> list[str]:
    """The names of kernels, empty where they are unknown.

    Args:
        kinds: of the kernels in the order in which they run.
        operations: of the file in its order: what they do, such as `CONV_2D`, and their names.
    """
    families = [_family(kind) for kind in kinds]
    names = dict[tuple[str, ...], list[str]]()
    for family in set(families):
        of_family = [name for done, name in operations if done in family]
        if len(of_family) == families.count(family):
            names[family] = of_family[::-1]
    return [names[family].pop() if family in names else "" for family in families]


def _family(kind: str) -> tuple[str, ...]:
    """The operations of the file that become a kernel of this kind; one outside of XNNPACK is called as in the file."""
    return next((done for part, done in _BECOME if part in kind), (kind,))


def operations_of(model: Path) -> list[tuple[str, str]]:
    """What each operation of a file does and the name of its output, in the order of the file."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_path=str(model), experimental_op_resolver_type=plain)
    interpreter.allocate_tensors()
    tensors = {int(tensor["index"]): tensor for tensor in interpreter.get_tensor_details()}
    nodes: list[dict[str, Any]] = interpreter._get_ops_details()
    return [
        _operation(node["op_name"], *(tensors[int(node[end][0])] for end in ("inputs", "outputs"))) for node in nodes
    ]


def _operation(done: str, source: dict[str, Any], output: dict[str, Any]) -> tuple[str, str]:
    if done == "CONV_2D" and source["shape"][-1] == output["shape"][-1] == 1:
        done = "DEPTHWISE_CONV_2D"  # XNNPACK's way from one channel to one
    # Where the converter made one operation of several, the names of all stand there, separated by semicolons.
    return done, output["name"].split(";")[0]
