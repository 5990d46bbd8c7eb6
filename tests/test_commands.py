import json

import pytest

from lapx_tf import commands
from lapx_tf.errors import GateError, InputError


def run(error: BaseException) -> int:
    def command(options):
        raise error

    return commands.run(commands.Parser(), command, [])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("bad"), 2),
        (GateError("off"), 1),
        (FileNotFoundError(2, "No such file", "x"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_become_one_sentence_and_an_exit_code(error, code, capsys):
    assert run(error) == code
    assert capsys.readouterr().err.count("\n") == 1


def test_wrong_arguments_are_one_sentence_too(capsys):
    parser = commands.Parser(prog="x")
    parser.add_argument("--count", type=commands.positive)
    for argv in (["--count", "0"], ["--count", "many"], ["--what"]):
        assert commands.run(parser, lambda options: None, argv) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_bugs_keep_their_traceback():
    with pytest.raises(ZeroDivisionError):
        run(ZeroDivisionError())


def test_files_appear_whole_or_not_at_all(tmp_path):
    target = tmp_path / "new" / "a.json"
    commands.write_json(target, {"a": 1})
    with pytest.raises(TypeError):
        commands.write_json(target, {"a": object()})
    with pytest.raises(IsADirectoryError), commands.whole_file(target) as beside:
        beside.mkdir()
        beside.write_text("half")
    assert json.loads(target.read_text()) == {"a": 1}
    assert [path.name for path in target.parent.iterdir()] == ["a.json"]


def test_missing_and_mistaken_paths_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        commands.existing_file(tmp_path / "none")
    with pytest.raises(InputError, match="is a folder"):
        commands.existing_file(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        commands.existing_folder(tmp_path / "none")
