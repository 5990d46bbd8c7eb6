"""`python -m train RECIPE --data DIR --workdir DIR`: trains a LAPX network."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from lapx_tf import commands
from lapx_tf.silence import quiet
from lapx_tf.stopping import Stop, signals
from train import recipe_arguments
from train.arguments import parser
from train.checkpoints.saving import Saving
from train.checkpoints.state import Progress, State, put_network
from train.plan import Plan
from train.report import writing as report
from train.run.devices import Place
from train.run.endings import best, explained, resume_command
from train.run.workdir import taken_back

if TYPE_CHECKING:
    from lapx_tf import LAPX


def train(arguments: argparse.Namespace, stop: Stop, again: str) -> None:
    """Trains, from the start or from the last checkpoint.

    Args:
        arguments: see `arguments.parser`.
        stop: asks for a stop.
        again: the command that goes on with this training.
    """
    recipe = recipe_arguments.resolve(arguments)
    if arguments.show:
        recipe_arguments.show(recipe)
        return
    plan = Plan.of(arguments, recipe)
    place = plan.take_devices()
    start = plan.starting_point(place)
    progress = start.progress if start else Progress()
    if progress.epochs_done >= plan.epochs:
        print(f"this run is finished: {best(progress, plan.workdir)}")
        return
    with place.scope(), nullcontext() if start else taken_back(plan.workdir):
        model = begin(plan, start)
    model.training_notes |= plan.settings | progress.to_dict()
    print(f"{recipe.name}: {model.count_params():,} weights, {len(plan.people)} persons of {plan.people.dataset}, "
          f"{len(plan.held_out)} held out, {progress} done of {plan.epochs}; "
          f"the first step builds the graph, some seconds a stack", flush=True)  # fmt: skip
    done = run(plan, place, model, Saving(start, arguments.save_every, stop), again)
    print(best(done, plan.workdir))


def begin(plan: Plan, start: State | None) -> "LAPX":
    """The network of a plan, compiled: new, begun from the weights of another, or as it was at a checkpoint."""
    with quiet():  # here, where the arguments are known to be good: this takes seconds
        import keras

        from train.run.network import begin_with, build
        from train.run.optimizer import compile_for

    arguments = plan.arguments
    keras.utils.set_random_seed(arguments.seed)
    model = build(plan.recipe, plan.people)
    if not start:
        begin_with(model, arguments.weights, arguments.grow, arguments.seed)
    compile_for(model, plan.recipe)
    if start:
        put_network(model, start)
    return model


def run(plan: Plan, place: Place, model: "LAPX", saving: Saving, again: str) -> Progress:
    """The training itself, with the report at its end; where it ends early, with what becomes of it."""
    from train.run.fit import fit

    arguments = plan.arguments
    facts = {"data": [str(path.resolve()) for path in arguments.data]}
    with (
        explained(plan.workdir, again),
        report.at_end(plan.workdir, plan.held_out, wanted=place.writes and not arguments.no_report),
        place.files(plan.workdir) as workdir,
        place.scope(),
    ):
        return fit(
            model,
            plan.recipe,
            *plan.loaders(place),
            workdir,
            saving,
            plan.epochs,
            arguments.evaluate_every,
            facts,
            arguments.watch_attention,
        )


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    again = resume_command(sys.argv[1:] if argv is None else argv)
    with signals() as stop:
        return stop.exit_code(commands.run(parser(), partial(train, stop=stop, again=again), argv))


if __name__ == "__main__":
    sys.exit(main())
