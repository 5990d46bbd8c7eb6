import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from lapx_tf.data.people import People
from lapx_tf.evaluation import measures, report
from lapx_tf.evaluation.report_figures import Chart, Curve, bars_svg, curves_svg
from tests.evaluation.groups import coco_people, lsp_people, mpii_people

SVG = "{http://www.w3.org/2000/svg}"


class Elements(HTMLParser):
    """The elements of a page with their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def written(people: People, folder: Path, noise: float = 10) -> str:
    predicted = people.joints + np.random.default_rng(0).normal(0, noise, people.joints.shape) * [1, 1, 0]
    scores = measures.measure(predicted, people)
    conditions = {"model": "<script>alert(1)</script>", "input_size": [64, 48], "flip_test": True, "split": None}
    page = report.Report(
        "a & b on <c>", measures.headline(scores), scores, conditions, report.details_of(predicted, people)
    )
    report.write(folder / "report.html", page)
    return (folder / "report.html").read_text("utf-8")


def pictures(page: str, kind: str) -> list[bytes]:
    return [base64.b64decode(data) for data in re.findall(rf"data:image/{kind};base64,([^\"]+)", page)]


@pytest.mark.parametrize(("group", "charts"), [(lsp_people, 1), (mpii_people, 1), (coco_people, 2)])
def test_a_report_is_one_file_with_curves_bars_and_the_twenty_worst(group, charts, tmp_path):
    page = written(group(22), tmp_path)
    elements = Elements(page)
    assert not {"script", "link", "iframe", "object"} & {name for name, _ in elements.found}
    images = elements.named("img")
    assert all(str(image["src"]).startswith("data:image/") for image in images)
    assert all(len(str(image["alt"])) > 20 for image in images)
    assert "url(" not in page
    assert len(pictures(page, r"svg\+xml")) == charts + 1
    jpegs = pictures(page, "jpeg")
    assert len(jpegs) == 20
    assert cv2.imdecode(np.frombuffer(jpegs[0], np.uint8), cv2.IMREAD_COLOR).shape == (224, 2 * 224 + 4, 3)
    assert "The worst 20 of 22 persons" in page
    assert len(page) < 3e6


def test_text_of_others_is_escaped(tmp_path):
    page = written(lsp_people(2), tmp_path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<h1>a &amp; b on &lt;c&gt;</h1>" in page
    assert "&lt;p0&gt;.jpg" in page
    assert "<p0>" not in page
    assert "64, 48" in page


def test_persons_without_a_picture_are_left_out_and_counted(tmp_path):
    people = lsp_people(8)
    unreadable = [b"", b"no picture", tmp_path / "none.jpg", tmp_path]
    persons = [replace(p, image=image) for p, image in zip(people.persons, unreadable, strict=False)]
    page = written(replace(people, persons=[*persons, *people.persons[4:]]), tmp_path)
    assert len(pictures(page, "jpeg")) == 4
    assert "The worst 4 of 8 persons" in page
    assert "4 others are left out" in page


def test_truth_and_found_pose_are_drawn_side_by_side(tmp_path):
    people = lsp_people(1)
    exact, off = (
        cv2.imdecode(np.frombuffer(pictures(written(people, tmp_path, noise), "jpeg")[0], np.uint8), 1).astype(int)
        for noise in (0, 40)
    )
    left, right = exact[:, :224], exact[:, 228:]
    assert np.abs(left - right).mean() < 3  # but for the JPEG, the same pose twice
    assert np.abs(exact[:, :224] - off[:, :224]).mean() < 1
    assert np.abs(exact[:, 228:] - off[:, 228:]).mean() > 10


def test_figures_are_valid_svg_also_without_values():
    chart = Chart("t", "x", "y", [0, 0.5, 1], 1, [Curve("all", [0, 0.5, 1]), Curve("none", [np.nan] * 3)])
    bars = bars_svg({"left_wrist": 50.0, "right_wrist": float("nan"), "neck": 0.0}, "per cent")
    for svg in (curves_svg(chart), bars):
        assert ElementTree.fromstring(svg).tag == f"{SVG}svg"
    assert bars.count(b"#0072b2") == 1  # the bar of the left; the right has none
