from train.run.endings import resume_command


def test_the_command_that_goes_on_is_the_same_with_resume():
    begun = ["demo", "--workdir", "my runs/one"]
    assert resume_command(begun) == "python -m train demo --workdir 'my runs/one' --resume"
    assert resume_command([*begun, "--resume"]) == resume_command(begun)
