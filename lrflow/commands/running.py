"""Run the sending: once, or as a daemon."""

import click

from lrflow.commands.door import Door, tell, verb


@verb("run")
@click.option("--once", is_flag=True, help="Do what is due now, and end: for a task scheduler.")
@click.option("--date-is-right", "trusted", is_flag=True, help="Believe this computer's clock, though it has jumped.")
def run(door: Door, once: bool, trusted: bool) -> int:
    """Send what is due: as a daemon, or once.

    It plans, puts one message a person a day together, and sends. One process at a time. To keep it going without an
    open window: lrflow service install. It tells systemd that it is ready, alive and stopping (sd_notify), and leaves
    with exit code 70 when it has to be started anew.

    \b
    lrflow run                until Ctrl-C or SIGTERM
    lrflow run --once         every hour, by cron or a task scheduler
    """
    import gc

    from lrflow import nudges
    from lrflow.commands.nudge_words import tick_data, tick_lines
    from lrflow.errors import Misused, Unavailable

    if door.dry_run:
        raise Misused("run has no dry run: it sends", remedy="lrflow nudge preview")
    gc.enable()
    mailer = nudges.mailer_of(door.settings)
    if not once:
        from lrflow import daemon

        return daemon.run(door.database, mailer, lambda line: click.echo(line, err=True), trusted=trusted)
    running = nudges.uptime()
    holder = nudges.hold_sending(door.database, door.now(), running=running, trusted=trusted)
    try:
        ticked = nudges.tick(door.database, mailer, holder, door.now, running=running, trusted=trusted)
    finally:
        nudges.stop_sending(door.database, holder)
    if ticked.stopped:
        remedy = ["set the clock of this computer right", "or, if the date is right: lrflow run --once --date-is-right"]
        raise Unavailable(f"nothing was sent: {ticked.stopped}", remedy=remedy)
    tell(door, "ticked", tick_data(ticked), tick_lines(ticked, str(door.settings.home / "outbox")))
    return 0


COMMANDS: tuple[click.Command, ...] = (run,)
