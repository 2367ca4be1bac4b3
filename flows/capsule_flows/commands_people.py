"""The command's words about people: who has an account, and what is shared by a link or with whom."""

import getpass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from capsule_flows.accounts import accounts
from capsule_flows.home import Resources, resources

USUAL_DAYS = 30

people_app = typer.Typer(
    help="Accounts: list them, add, invite or close one.", invoke_without_command=True
)


class RoleWord(StrEnum):
    """What an account may be."""

    AUTHOR = "author"
    EXPERT = "expert"


Login = Annotated[str, typer.Argument(help="An e-mail address, or a short name.")]


@people_app.callback()
def people(context: typer.Context) -> None:
    """List the accounts."""
    from capsule_flows.people import people as everybody

    if context.invoked_subcommand:
        return
    for one in everybody(resources().ledger):
        standing = "closed" if one.closed else "open"
        typer.echo(f"{one.login:32}  {one.role:6}  {standing:6}  {one.name}")


@people_app.command("add")
def add(
    login: Login,
    role: Annotated[RoleWord, typer.Option(help="An author sees everything.")] = RoleWord.EXPERT,
    name: Annotated[str, typer.Option(help="What stands beside all she gives.")] = "",
) -> None:
    """Make an account and print the link by which its password is chosen."""
    from capsule_flows.people import add_person

    where = resources()
    made = add_person(where.ledger, login, name=name, role=role.value, by=_me())
    _print_invitation(where, made.login)


@people_app.command("invite")
def invite(login: Login) -> None:
    """Print a new link by which the password is chosen, the first or another."""
    _print_invitation(resources(), login)


@people_app.command("close")
def close(login: Login) -> None:
    """Close an account; whoever is in with it is out at once."""
    from capsule_flows.people import change_account, known_person

    ledger = resources().ledger
    change_account(ledger, known_person(ledger, login), by=_me(), closed=True)
    typer.echo(f"{login} can no longer come in. What was given stays.")


def share(
    name: Annotated[str, typer.Argument(help="The capsule's name.")],
    with_: Annotated[str, typer.Option("--with", help="A login; left out, it is a link.")] = "",
    days: Annotated[int, typer.Option(help="How many days it is open.", min=1)] = USUAL_DAYS,
    cases: Annotated[str, typer.Option(help="A case set that comes with it.")] = "",
) -> None:
    """Share a capsule with a person, or print a link that opens it."""
    from capsule_flows.errors import UnknownCaseSet
    from capsule_flows.people import known_person
    from capsule_flows.releases import find_published
    from capsule_flows.sharing import end_of, share_by_link, share_with

    where = resources()
    find_published(name, given_out=True)
    if cases and where.ledger.case_set(name, cases) is None:
        raise UnknownCaseSet(name, cases)
    last, by = datetime.now(UTC).date() + timedelta(days=days), _me()
    until = end_of(last)
    if with_:
        login = known_person(where.ledger, with_).login
        share_with(where.ledger, name, login, until=until, by=by, case_set=cases or None)
        typer.echo(f"{name} is shared with {login} until the end of {last:%Y-%m-%d}, UTC.")
        return
    _, token = share_by_link(where.ledger, name, until=until, by=by, case_set=cases or None)
    typer.echo(f"{where.app_url}/s/{token}")


def _print_invitation(where: Resources, login: str) -> None:
    from capsule_flows.people import invite as invitation
    from capsule_flows.people import known_person

    stands = known_person(where.ledger, login)
    if accounts().kind == "openid":
        typer.echo(f"{stands.login} comes in through your OpenID Connect provider.")
        return
    token = invitation(where.ledger, stands, by=_me())
    typer.echo(f"{where.app_url}/join/{token}")
    typer.echo("Send it: within a week a password is chosen with it, once.", err=True)


def _me() -> str:
    return getpass.getuser()
