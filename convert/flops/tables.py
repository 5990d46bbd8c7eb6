"""What was found, as Markdown."""

from collections.abc import Iterable, Sequence

from convert.flops import ram
from convert.flops.networks import LAPX_KEY, NETWORKS, network
from convert.flops.ram import Memory
from convert.flops.times import Row

LITE = "lite_hrnet_18"


def times(rows: Sequence[Row]) -> str:
    """Every file at every number of threads; of one input size."""
    lapx = {row.setting: row for row in rows if row.key == LAPX_KEY}
    header = (
        "network", "parameters, M", "GMAC", "runtime", "precision", "threads", "ms", "CPU ms", "GMAC/s", "time / LAPX's",
        "parts", "beside",
    )  # fmt: skip
    return table(header, [_time_cells(row, lapx[row.setting]) for row in sorted(rows, key=lambda row: row.setting)])


def _time_cells(row: Row, lapx: Row) -> list[str]:
    runtime, precision, threads = row.setting
    parts = ["" if one is None else str(one) for one in (row.partitions, row.beside)]
    return [
        network(row.key).label, f"{row.parameters / 1e6:.2f}", f"{row.macs / 1e9:.2f}", runtime, precision, str(threads),
        f"{row.median_ms:.1f}", f"{row.cpu_ms:.1f}", f"{row.gmac_per_second:.1f}", f"{row.times_as_long_as(lapx):.2f}", *parts,
    ]  # fmt: skip


def against_lite(rows: Sequence[Row]) -> str:
    """LAPX beside Lite-HRNet-18 in each setting: the work, the work per second, and the time."""
    found = {(row.key, row.setting): row for row in rows}
    cells = []
    for (key, setting), lapx in sorted(found.items(), key=lambda pair: pair[0][1]):
        if key == LAPX_KEY:
            lite = found[LITE, setting]
            speed = lapx.gmac_per_second / lite.gmac_per_second
            figures = (lapx.macs / lite.macs, speed, lapx.times_as_long_as(lite))
            cells.append([*map(str, setting), *(f"{figure:.1f}" for figure in figures)])
    return table(("runtime", "precision", "threads", "work", "work per second", "time"), cells)


def sizes(rows: Sequence[Row]) -> str:
    """The same networks at several input sizes: time and memory of the process."""
    ordered = sorted(rows, key=lambda row: (row.setting, row.key, row.size))
    header = (
        "network",
        "input",
        "GMAC",
        "runtime",
        "precision",
        "threads",
        "ms",
        "CPU ms",
        "GMAC/s",
        "peak memory, MB",
    )
    return table(header, [_size_cells(row) for row in ordered])


def _size_cells(row: Row) -> list[str]:
    runtime, precision, threads = row.setting
    memory = "" if row.peak_memory_bytes is None else f"{row.peak_memory_bytes / 1e6:.0f}"
    return [
        network(row.key).label, f"{row.size[0]}x{row.size[1]}", f"{row.macs / 1e9:.2f}", runtime, precision, str(threads),
        f"{row.median_ms:.1f}", f"{row.cpu_ms:.1f}", f"{row.gmac_per_second:.1f}", memory,
    ]  # fmt: skip


def memory(found: Sequence[Memory]) -> str:
    """MB above an empty process, by the size of the input and of the batch."""
    by_setting = {(one.key, one.side, one.batch): one for one in found}
    header = (
        "network", *(f"{side}x{side}" for side in ram.SIZES), *(f"batch {batch}" for batch in ram.BATCHES),
        "each further image", "maps at once", "waiting",
    )  # fmt: skip
    keys = [one.key for one in NETWORKS if (one.key, ram.BATCHED, 1) in by_setting]
    return table(header, [_memory_cells(key, by_setting) for key in keys])


def _memory_cells(key: str, found: dict[tuple[str, int, int], Memory]) -> list[str]:
    by_size = [found[key, side, 1].own_bytes for side in ram.SIZES]
    by_batch = [found[key, ram.BATCHED, batch].own_bytes for batch in ram.BATCHES]
    further = (by_batch[-1] - by_batch[0]) / (ram.BATCHES[-1] - ram.BATCHES[0])
    one = found[key, ram.BATCHED, 1]
    return [
        network(key).label,
        *(_mb(value) for value in (*by_size, *by_batch, further, one.live_bytes, one.waiting_bytes)),
    ]


def _mb(value: float) -> str:
    return f"{value / 1e6:.1f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))
