"""How much of a file LiteRT's XNNPACK delegate takes on this machine."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What runs where.

    Attributes:
        partitions: parts of the graph that XNNPACK runs.
        outside: how often each operation runs outside of it, between two parts or alone.
    """

    partitions: int
    outside: Counter[str] = field(default_factory=Counter)


def plan(path: Path) -> Plan:
    """What LiteRT makes of a file when it is loaded as by a session."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    # The list holds the file's own operations and, after them, the parts that take the place of some; what does run is what
    # the output needs, where a part goes before the operations that it stands for.
    nodes: list[dict[str, Any]] = interpreter._get_ops_details()
    maker = {int(tensor): node for node in nodes for tensor in node["outputs"]}
    run: dict[int, str] = {}
    wanted = [int(details["index"]) for details in interpreter.get_output_details()]
    while wanted:
        node = maker.get(wanted.pop())
        if node is not None and node["index"] not in run:
            run[node["index"]] = node["op_name"]
            wanted += [int(tensor) for tensor in node["inputs"]]
    names = Counter(run.values())
    return Plan(names.pop("DELEGATE", 0), names)
