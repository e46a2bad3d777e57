"""The commands on the pages: serve; and users add, list, disable, enable, role, password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from service.options import ConfigOption
from vision.config import load_config
from vision.errors import DresscodeError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from service.store.tables import User

users = typer.Typer(help="Who may use the pages.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(help="The name to log in with.")]
RoleOption = Annotated[str, typer.Option("--role", help="viewer, supervisor or administrator.")]
DoorsOption = Annotated[
    list[str] | None, typer.Option("--door", help="Only this door; can be given several times. Without it, all.")
]
AskOption = Annotated[bool, typer.Option("--ask", help="Ask for the password instead of making a random one.")]


def register(program: typer.Typer) -> None:
    """Adds the commands to the program."""
    program.command("serve")(serve)
    program.add_typer(users, name="users")


def serve(
    host: Annotated[str | None, typer.Option("--host", help="The address to listen on, instead of web.host.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Instead of web.port; 0 takes a free one.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Serve the pages: review, reports, administration, kiosks, the API. The first start makes an administrator."""
    from service.serve import serve as run

    settings = load_config(config)
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    run(
        settings.model_copy(update={"web": settings.web.model_copy(update=given)}), lambda said: print(said, flush=True)
    )


@users.command("add")
def add(
    name: NameArgument,
    role: RoleOption = "supervisor",
    door: DoorsOption = None,
    ask: AskOption = False,
    config: ConfigOption = None,
) -> None:
    """Add somebody; the random password is shown once and has to be changed at the first login."""
    from service.store.users import add_user

    given = _asked() if ask else None
    with _writing(config) as session:
        user, password = add_user(session, name, role, given, door)
        shown = user.name
    typer.echo(f"{shown} is added." if ask else f"{shown} is added. Password, shown once: {password}")


@users.command("list")
def list_(config: ConfigOption = None) -> None:
    """List everyone who may log in, or could once."""
    from service.cli_shared import show
    from service.store.users import list_users

    table = Table("name", "role", "doors", "state")
    with _writing(config) as session:
        for user in list_users(session):
            state = "disabled" if not user.active else "has to change the password" if user.must_change else "active"
            table.add_row(user.name, user.role, "all" if user.doors is None else ", ".join(user.doors), state)
    show(table)


@users.command("disable")
def disable(name: NameArgument, config: ConfigOption = None) -> None:
    """Let somebody log in no more; their sessions end. What they decided stays."""
    from service.store.users import set_active

    with _writing(config) as session:
        set_active(session, _user(session, name), False, "job:command")


@users.command("enable")
def enable(name: NameArgument, config: ConfigOption = None) -> None:
    """Let somebody log in again."""
    from service.store.users import set_active

    with _writing(config) as session:
        set_active(session, _user(session, name), True, "job:command")


@users.command("role")
def role(
    name: NameArgument,
    role: Annotated[str, typer.Argument(help="viewer, supervisor or administrator.")],
    door: DoorsOption = None,
    config: ConfigOption = None,
) -> None:
    """Give somebody a role, and the doors they may see."""
    from service.store.users import set_role

    with _writing(config) as session:
        set_role(session, _user(session, name), role, door, "job:command")


@users.command("password")
def password(name: NameArgument, ask: AskOption = False, config: ConfigOption = None) -> None:
    """Give somebody a new password, which also unlocks them; all their sessions end."""
    from service.store.users import set_password

    given = _asked() if ask else None
    with _writing(config) as session:
        made = set_password(session, _user(session, name), given, "job:command")
    if not ask:
        typer.echo(f"Password, shown once: {made}")


def _asked() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _user(session: Session, name: str) -> User:
    from service.store.users import user_named

    user = user_named(session, name)
    if user is None:
        raise DresscodeError(f"there is no user named {name}; `dresscode users list` shows them")
    return user


@contextmanager
def _writing(config: Path | None) -> Iterator[Session]:
    from service.cli_store import opened
    from service.store.engine import writing

    with opened(config) as store, writing(store.sessions) as session:
        yield session
