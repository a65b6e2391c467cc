"""`userreg demo`."""

import click

from userreg.cli import run_async


@click.command(short_help="Play with the bot on this computer, without a token.")
@click.option("--port", type=click.IntRange(1, 65535), help="The chat page's port, usually 8765.")
@click.option("--database-url", help="Fill this empty database instead of a temporary SQLite.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another one, other people.")
@click.option(
    "--host", type=click.Choice(["127.0.0.1", "0.0.0.0"]), default="127.0.0.1",  # noqa: S104
    help="0.0.0.0 inside a container, whose ports are published on 127.0.0.1.",
)  # fmt: skip
def demo(port: int | None, database_url: str | None, seed: int, host: str) -> None:
    """Run the bot in a Telegram that is played on this computer, with people in it.

    Nothing goes to the internet, no token is needed, and your settings are left alone.
    """
    from userreg.demo import play
    from userreg.logs import configure_logging

    configure_logging("WARNING", "text", [])
    run_async(play(database_url, port, seed, click.echo, host))
