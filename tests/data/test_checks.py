from dataclasses import replace

import cv2
import numpy as np
import pytest

from lapx_tf.data import image_checks
from lapx_tf.data.checks import Finding, check_records
from lapx_tf.data.image_checks import by_image, check_images, read_images
from lapx_tf.data.people import People, Person
from lapx_tf.geometry import Box
from lapx_tf.skeletons import MPII_16

SIZE = (60, 80)
BOX = Box(40, 30, 40, 40)


def png(seed: int = 0) -> bytes:
    picture = np.random.default_rng(seed).integers(0, 256, (*SIZE, 3), np.uint8)
    return cv2.imencode(".png", picture)[1].tobytes()


def person(name="a", image=None, box=BOX, **placed) -> Person:
    """A person whose joints all lie at (40, 30), but for those placed elsewhere."""
    joints = np.tile(np.array([40, 30, 1], np.float32), (16, 1))
    for joint, (x, y) in placed.items():
        joints[MPII_16.joints.index(joint), :2] = x, y
    return Person(name, png() if image is None else image, joints, box)


def records(*persons: Person, problems=()) -> list[Finding]:
    return check_records(People("test", MPII_16, persons, problems=problems))


def images(*persons: Person) -> list[Finding]:
    people = People("test", MPII_16, persons)
    return check_images(list(read_images(by_image(people))), people)


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.record) for finding in findings]


def test_sound_data_has_no_findings():
    sound = person("a", png(0)), person("b", png(1)), person("c", png(1), neck=(10, 10))
    assert records(*sound) == []
    assert images(*sound) == []
    assert records() == images() == []


def test_what_the_loader_left_out_is_passed_on():
    assert records(person(), problems=["im7.jpg: no joint is labelled: none"]) == [
        Finding("left out or doubtful", "im7.jpg", "no joint is labelled: none")
    ]


def test_ids_and_persons_that_occur_twice_are_found():
    found = records(person("a"), person("b", neck=(1, 2)), person("a", neck=(3, 4)), person("c"), person("c"))
    assert kinds(found) == [
        ("duplicate id", "a"),
        ("duplicate person", "c"),
        ("duplicate id", "c"),
        ("duplicate person", "c"),
    ]
    assert "joints of a " in found[1].what


def test_persons_without_labels_are_not_each_others_double():
    unlabelled = [replace(person(name), joints=np.zeros((16, 3), np.float32)) for name in "ab"]
    assert records(*unlabelled) == []


def test_tiny_boxes_and_swapped_sides_are_found():
    sides = {"left_shoulder": (20, 10), "right_shoulder": (40, 10), "left_hip": (40, 40), "right_hip": (20, 40)}
    found = records(person("a", box=Box(40, 30, 40, 5)), person("b", None, BOX, **sides))
    assert kinds(found) == [("tiny box", "a"), ("left and right", "b")]


def test_missing_and_unreadable_images_are_named_once_however_many_persons_they_have(tmp_path):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "half.png").write_bytes(png()[:200])
    (tmp_path / "good.png").write_bytes(png())
    names = ("gone.jpg", "empty.jpg", "half.png", "good.png")
    found = images(*(person(f"{name} #{i}", tmp_path / name) for name in names for i in range(2)))
    assert kinds(found) == [
        ("missing image", str(tmp_path / "gone.jpg")),
        ("unreadable image", str(tmp_path / "empty.jpg")),
        ("unreadable image", str(tmp_path / "half.png")),
    ]


@pytest.mark.parametrize("inside", [(-0.5, -0.5), (79.5, 59.5), (0, 0)])
def test_a_joint_in_the_outermost_pixel_lies_in_the_image(inside):
    assert images(person(neck=inside)) == []


@pytest.mark.parametrize("outside", [(-0.6, 5), (5, -0.6), (79.6, 5), (5, 59.6), (5, 1000)])
def test_a_joint_in_no_pixel_is_found_unless_it_is_not_labelled(outside):
    labelled = person(neck=outside, left_hip=outside)
    (found,) = images(labelled)
    assert found.kind == "joint outside"
    assert all(name in found.what for name in ("neck", "left_hip", "80 x 60"))
    joints = labelled.joints.copy()
    joints[[MPII_16.joints.index("neck"), MPII_16.joints.index("left_hip")], 2] = 0
    assert images(replace(labelled, joints=joints)) == []


@pytest.mark.parametrize(
    ("box", "outside"),
    [
        (Box(-20, 30, 40, 40), False),
        (Box(-21, 30, 40, 40), True),
        (Box(40, 80, 40, 40), True),
        (Box(40, 79, 40, 40), False),
        (Box(500, 500, 10, 10), True),
        (Box(40, 30, 900, 900), False),
    ],
)
def test_a_box_without_any_of_the_image_is_found(box, outside):
    assert kinds(images(person(box=box))) == ([("box outside", "a")] if outside else [])


def test_the_same_pixels_in_two_files_are_found_whatever_their_format(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    for name in ("one.png", "two.bmp"):
        cv2.imwrite(str(tmp_path / name), picture)
    (found,) = images(person("a", tmp_path / "one.png"), person("b", png(5)), person("c", tmp_path / "two.bmp"))
    assert (found.kind, found.record) == ("duplicate image", str(tmp_path / "two.bmp"))
    assert found.what.endswith("one.png")


def test_a_resized_and_brightened_copy_is_similar_to_its_first_likeness(monkeypatch):
    monkeypatch.setattr(image_checks, "_BLOCK", 2)  # so that likenesses lie in different blocks
    smooth = cv2.resize(np.random.default_rng(3).integers(0, 200, (6, 8, 3), np.uint8), (400, 300))
    copies = [smooth, cv2.resize(smooth, (200, 150)), cv2.convertScaleAbs(smooth, alpha=1, beta=20)]
    encoded = [cv2.imencode(".png", copy)[1].tobytes() for copy in copies]
    others = [person(f"other{seed}", png(seed)) for seed in range(1, 5)]
    found = images(person("a", encoded[0]), *others, person("b", encoded[1]), person("c", encoded[2]))
    assert kinds(found) == [("similar image", "b"), ("similar image", "c")]
    assert all(finding.what == "looks like a" for finding in found)


def test_near_duplicates_of_the_real_set_are_found(shared_data):
    folder = shared_data / "lspet" / "images"
    found = images(
        *(person(n, folder / f"im{n}.jpg", neck=(30, 30)) for n in ("00265", "00266", "02354", "05215", "06202"))
    )
    similar = [finding for finding in found if finding.kind == "similar image"]
    assert [finding.record[-11:] for finding in similar] == ["im02354.jpg", "im06202.jpg"]
