"""Makes and synthesizes one app in a process of its own and prints what that took.

Times are seconds of processor time of this process and of the CDK's Node.js; memory is in bytes.

python -m benchmarks.synth 2000 guardrails cdk.out 400
"""

from __future__ import annotations

import atexit
import json
import resource

import click

from benchmarks.process import peak
from benchmarks.processor import seconds
from benchmarks.results import JUDGES


@click.command()
@click.argument("resources", type=int)
@click.argument("judge", type=click.Choice(list(JUDGES)))
@click.argument("outdir")
@click.argument("stack_size", type=int)
def main(resources: int, judge: str, outdir: str, stack_size: int) -> None:
    """Synthesizes about as many resources, so many a stack, into a folder."""
    took: dict[str, float] = {}
    # Last of all, when the CDK's Node.js has ended and its peak is known: what is registered first runs last.
    atexit.register(_print, took)
    from benchmarks.apps import attach, make_app

    start = seconds()
    app = make_app(resources, outdir, stack_size)
    made = seconds()
    attach(app, judge)
    attached = seconds()
    app.synth()
    done = seconds()
    took |= {"construction": made - start, "attaching": attached - made, "synth": done - attached}


def _print(took: dict[str, float]) -> None:
    peaks = {
        "python": peak(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss),
        "node": peak(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss),
    }
    print(json.dumps(took | peaks))


if __name__ == "__main__":
    main()
