"""The README's first screen runs as it stands, with a small network and few people in place of days of training."""

import re
import shlex

import cv2
import numpy as np

import convert.__main__ as convert
from tests.helpers import ROOT, write_lsp

SMALLER = {
    "LAPX(joints": "LAPX(width=16, stacks=1, depth=2, nonlocal_stacks=(1,), input_shape=(64, 64, 3), joints",
    "(256, 256)": "(64, 64)",
    "batch_size=16": "batch_size=4",
    "epochs=100": "epochs=1",
}


def test_the_first_screen_s_code_trains_converts_and_predicts(tmp_path, monkeypatch):
    readme = (ROOT / "README.md").read_text("utf-8")
    train, predict = re.findall(r"```python\n(.*?)```", readme, re.S)[:2]
    command = re.search(r"```\npython -m convert (.*?)\n```", readme).group(1)
    for full, small in SMALLER.items():
        assert full in train
        train = train.replace(full, small)
    write_lsp(tmp_path / "lsp", count=10)
    cv2.imwrite(str(tmp_path / "photo.jpg"), np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8))
    monkeypatch.chdir(tmp_path)
    scope: dict = {}
    exec(train, scope)
    assert convert.main(shlex.split(command)) == 0
    exec(predict, scope)
    assert scope["pose"].joints.shape == (16, 3)


def test_every_command_of_the_readme_exists():
    readme = (ROOT / "README.md").read_text("utf-8")
    for module in set(re.findall(r"python -m ((?:train|convert)[a-z_.]*)", readme)):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
    targets = set(re.findall(r"\bmake ([a-z]+)", readme))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets
    assert all(f"\n{target}:" in makefile for target in targets)
    for picture in re.findall(r"\]\((docs/[^)]+)\)", readme):
        assert (ROOT / picture).is_file(), picture
