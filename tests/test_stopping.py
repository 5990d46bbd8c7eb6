import os
import signal

import pytest

from lapx_tf.stopping import signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_waits_for_the_step_that_runs_and_the_next_one_is_the_system_s(number, code, capfd):
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    with signals() as stop:
        stop.here()
        stop.waits = True
        os.kill(os.getpid(), number)
        assert stop.asked == number
        assert signal.getsignal(signal.SIGINT) == signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        with pytest.raises(KeyboardInterrupt):
            stop.here()
        assert stop.exit_code(130) == code
        assert stop.exit_code(0) == 0  # the run was at its end already
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
    assert "a second time ends the process at once" in capfd.readouterr().err


def test_where_nothing_waits_a_signal_stops_on_the_spot():
    with signals(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
