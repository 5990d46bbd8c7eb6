"""What can be asked of a conversion, and the names of the files."""

from itertools import product

import pytest

from convert.__main__ import main
from convert.graph.options import GraphOptions
from convert.request import PRECISIONS, Variant, parse_size, variants_of
from lapx_tf.errors import InputError

PLAIN = GraphOptions()


def names(*formats: str, precisions: tuple[str, ...] = ("float32",), **options) -> list[str]:
    return [variant.file_name("pose") for variant in variants_of(formats, precisions, GraphOptions(**options))]


def test_plain_files_have_plain_names():
    every = names("tflite", "onnx", precisions=("all",))
    assert every == [
        "pose_float32.tflite",
        "pose_float16.tflite",
        "pose_dynamic.tflite",
        "pose_int8.tflite",
        "pose_int16x8.tflite",
        "pose.onnx",
        "pose_float16.onnx",
        "pose_int8.onnx",
    ]


def test_no_two_variants_have_the_same_name():
    graphs = [
        GraphOptions(*options)
        for options in product(
            ("normalized", "uint8"),
            ("heatmaps", "keypoints"),
            (False, True),
            (None, 1, 2),
            (None, (384, 288), (288, 384)),
            ("cpu", "gpu"),
        )
    ]
    variants = {
        Variant(to, precision, graph, layout, opset, keep)
        for to, offered in PRECISIONS.items()
        for precision in offered
        for graph in graphs
        for layout, opset in product(("nhwc", "nchw"), (15, 17))
        for keep in ((), ("layer",))
    }
    assert len({variant.file_name("pose") for variant in variants}) == len(variants)


def test_options_of_one_format_are_left_at_rest_in_the_other():
    tflite, onnx = variants_of(("tflite", "onnx"), ("float32",), GraphOptions(target="gpu"), layout="nchw", opset=15)
    assert (tflite.file_name("a"), onnx.file_name("a")) == ("a_float32_gpu.tflite", "a_nchw_opset15.onnx")
    assert onnx.graph.target == "onnx"
    int8, float32 = variants_of(("tflite",), ("int8", "float32"), PLAIN, keep_float=("head",))
    assert (int8.keep_float, float32.keep_float) == (("head",), ())


def test_the_graph_suits_what_runs_it():
    tflite, onnx = variants_of(("tflite", "onnx"), ("float32",), GraphOptions(pixel_values="uint8"))
    assert (tflite.graph.target, onnx.graph.target) == ("cpu", "onnx")
    (on_gpu,) = variants_of(("tflite",), ("float32",), GraphOptions(pixel_values="uint8", target="gpu"))
    assert (on_gpu.graph.pixel_values, on_gpu.file_name("a")) == ("raw", "a_float32_uint8_gpu.tflite")
    float32, int8 = variants_of(("tflite",), ("float32", "int8"), PLAIN)
    assert float32.graph.rewrites < int8.graph.rewrites


def test_formats_and_precisions_named_twice_are_made_once():
    assert names("onnx", "onnx", precisions=("int8", "int8")) == ["pose_int8.onnx"]


def test_all_are_those_that_the_options_leave():
    assert names("tflite", precisions=("all",), target="gpu") == ["pose_float32_gpu.tflite", "pose_float16_gpu.tflite"]
    assert not any("int16x8" in name for name in names("tflite", precisions=("all",), output="keypoints"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--to onnx --precision dynamic", "--to onnx is offered in float32, float16, int8, got --precision dynamic"),
        ("--to tflite onnx --precision float32 int16x8", "--to onnx is offered in float32, float16, int8"),
        ("--to tflite --target gpu --precision int8", "offered in float32, float16 with --target gpu"),
        ("--to tflite --output keypoints --precision int16x8", "dynamic, int8 with --output keypoints"),
        ("--to tflite --target gpu --output keypoints", "--target gpu gives heat maps without a flip test"),
        ("--to tflite --target gpu --flip-test", "--target gpu gives heat maps without a flip test"),
        ("--to tflite --layout nchw", "--layout nchw is of ONNX files: it needs --to onnx"),
        ("--to tflite --opset 15", "--opset 15 is of ONNX files"),
        ("--to onnx --target gpu", "--target gpu is of TFLite files"),
        ("--to onnx --precision int8 --keep-float a", "--keep-float is of int8 TFLite files"),
        ("--to tflite --keep-float a", "--keep-float is of int8 TFLite files"),
        ("--to tflite --size 64", "--size must be HEIGHTxWIDTH in pixels, such as 256x192, got '64'"),
        ("--to tflite --size 64x30", "positive multiples of 4"),
        ("--to tflite --size 0x64", "positive multiples of 4"),
        ("--to tflite --stacks 0", "must be a whole number of 1 or more"),
        ("--to tflite --samples 0", "--samples"),
        ("--to tflite --jobs 0", "--jobs"),
        ("--to onnx --opset 12", "--opset"),
        ("--to tflite --precision float8", "--precision"),
        ("--to coreml", "--to"),
        ("", "--to"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_that_names_what_does(arguments, sentence, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["pose.keras", *arguments.split(), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(("text", "size"), [("256x192", (256, 192)), ("64x64", (64, 64))])
def test_sizes_are_height_before_width(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "64x", "64x64x3", "-64x64", "64 x 64", "64.0x64"])
def test_other_sizes_are_refused(text):
    with pytest.raises(InputError, match="HEIGHTxWIDTH"):
        parse_size(text)
