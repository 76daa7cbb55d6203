"""Who is calling and whether it may: by the token in the header, in the body, or in both."""

from collections.abc import Callable
from typing import NamedTuple, Self

from ..problems import CHALLENGE, Kind, ProblemError, missing_token, unavailable
from .entry import digest_of
from .store import Identity, TokensUnreadableError


class Caller(NamedTuple):
    """Who is calling, in two steps: by the header, before a body is read, then by the body.

    *identity* is None where there is no Authorization header. *admit* returns the identity of a
    token, or refuses it.
    """

    identity: Identity | None
    admit: Callable[[str], Identity]

    @classmethod
    def by_header(
        cls,
        header: str | None,
        identify: Callable[[str], Identity | None],
        right: str,
        contract: str,
    ) -> Self:
        """Return the caller by an Authorization *header*; refuse one that lacks the *right*."""

        def admit(token: str) -> Identity:
            known = _found(lambda: identify(token)) if token else None
            return admitted(known, right, contract)

        token = bearer_token(header)
        return cls(None if token is None else admit(token), admit)

    def confirmed(self, body_token: str | None = None) -> Identity:
        """Return who it is; refuse a request without a token, or with two that differ."""
        if self.identity is None:
            if body_token is None:
                raise missing_token(
                    "Send the token as Authorization: Bearer <token>, or as token in the body."
                )
            return self.admit(body_token)
        if body_token is not None and digest_of(body_token) != self.identity.token.digest:
            raise _refused("The tokens in the header and in the body differ.")
        return self.identity


def signer(find: Callable[[], Identity | None], contract: str) -> Identity:
    """Return the client that *find* knows by its signature; refuse everybody else."""
    identity = _found(find)
    if identity is None:
        detail = "No secret of this client signs these bytes, or the signature's time is not now."
        raise _refused(detail, Kind.INVALID_SIGNATURE)
    return admitted(identity, "send", contract)


def bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization *header*; None where there is no header."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refused("Send the header as Authorization: Bearer <token>.")
    return token.strip()


def admitted(identity: Identity | None, right: str, contract: str | None = None) -> Identity:
    """Return *identity*; refuse nobody, an expired token, and a client without the *right*."""
    if identity is None:
        raise _refused("No client has this token.")
    client = identity.client
    if identity.is_expired:
        raise _refused("Ask for a new token.", Kind.EXPIRED_TOKEN, client.name)
    if client.is_suspended:
        raise _refused("Ask those who run this API.", Kind.CLIENT_SUSPENDED, client.name)
    if not client.may(right, contract):
        rights, contracts = (", ".join(sorted(each)) for each in (client.rights, client.contracts))
        detail = f"The client has these rights: {rights}; for these contracts: {contracts}."
        raise _refused(detail, Kind.NOT_ALLOWED, client.name)
    return identity


def _found(find: Callable[[], Identity | None]) -> Identity | None:
    try:
        return find()
    except TokensUnreadableError as error:
        raise unavailable("The clients cannot be read now, so you cannot be known.") from error


def _refused(
    detail: str, kind: Kind = Kind.INVALID_TOKEN, client: str | None = None
) -> ProblemError:
    error = "invalid_token" if kind.status == 401 else "insufficient_scope"
    headers = {"www-authenticate": f'{CHALLENGE}, error="{error}"'}
    return ProblemError(kind, detail, headers, client=client)
