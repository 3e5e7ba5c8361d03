"""What people who sign in, and those who say who they are, ask for: its part of the route table."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from dawr.messages import Message
from server.access.who import Role
from server.administration.routes import AskRoute
from server.interface.routes import ViewRoute

LONGEST_NAME = 60


def _printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError(
            "nothing that cannot be seen, such as marks of direction, which make one name look like another"
        )
    return name


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME),
    AfterValidator(_printable),
]
"""What a person or a device is called."""
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
RoleOfAPerson = Literal[Role.CLERK, Role.MANAGER, Role.ADMINISTRATOR]


class SignIn(Message):
    """Who wants to sign in."""

    name: Name
    """The name, whether in capitals or not."""
    secret: Secret
    """The PIN or the password."""


class SignedIn(Message):
    """Who has signed in. The session is in a cookie."""

    name: str
    """The name."""
    role: Role
    """What they are to the centre."""


class Nothing(Message):
    """Nothing more is to be said."""


class FirstAdministrator(Message):
    """Who becomes the first administrator."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """The code that the server printed when it started."""
    name: Name
    """The name to sign in with."""
    secret: Secret
    """The password to be."""


class PersonView(Message):
    """Somebody who can sign in."""

    id: str
    """By it the person is changed and removed."""
    name: str
    """The name to sign in with."""
    role: Role
    """What they are to the centre."""
    since: str
    """Since when, RFC 3339."""


class People(Message):
    """Everybody who can sign in."""

    people: list[PersonView]
    """By name."""


class NewPerson(Message):
    """Somebody who shall be able to sign in."""

    name: Name
    """The name to sign in with."""
    role: RoleOfAPerson
    """What they are to the centre."""
    secret: Secret
    """A clerk's PIN of 6 to 12 digits, or a password of 10 characters or more."""


class PersonChange(Message):
    """What becomes different; what is left out stays. Sessions of theirs end."""

    role: RoleOfAPerson | None = None
    """Another role. Between clerk and the others it needs another secret: one is a PIN, the other a password."""
    secret: Secret | None = None
    """Another PIN or password."""


_PERSON = {"person": "Id of the person"}

PEOPLE_VIEWS: tuple[ViewRoute, ...] = (ViewRoute("/people", "people", "Everybody who can sign in", People),)
"""What may be looked at of people."""

PEOPLE_ASKS: tuple[AskRoute, ...] = (
    AskRoute("/session", "sign_in", "Sign in; the answer sets the session's cookie", SignIn, SignedIn),
    AskRoute("/session", "sign_out", "Sign out", None, Nothing, method="DELETE"),
    AskRoute("/first-start", "first_start", "Make the first administrator", FirstAdministrator, SignedIn),
    AskRoute("/people", "add_person", "Let somebody sign in from now on", NewPerson, PersonView),
    AskRoute("/people/{person}", "change_person", "Another role or secret", PersonChange, Nothing, facts=_PERSON),
    AskRoute("/people/{person}", "remove_person", "Somebody has left", None, Nothing, method="DELETE", facts=_PERSON),
)
"""What may be asked for about people."""
