"""The bank's transaction: a frozen, typed value that is its own JSON schema.

Rules of version 1:

- Money is an integer number of minor units; instants are integer milliseconds UTC.
- The holder is named in masked form only: first name and initials, CPF as `***.456.789-**`; a
  card is its BIN and last four digits. Ground truth about fraud never stands inside.
- A transfer or Pix within the bank is two transactions, a debit and a credit, each with its own
  account and the other as counterparty. `leg` is left out of the JSON where it is `debit`, as is
  every optional field that is absent.
- Encoded, a transaction has at most `MAX_ENCODED_BYTES`. A card payment is the longest kind: with
  every text at its bound it fills them exactly. Hence the short identifiers, and a merchant's city
  is left out where it is the location's. The type bounds a text in characters; free text (names)
  is cut to as many bytes with `bounded` before it gets here.

Evolution: readers ignore fields they do not know, so a field may be added within a version; a
change of meaning is a new `schema_version`, which readers of version 1 refuse.
"""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

SCHEMA_VERSION: Literal[1] = 1
MAX_ENCODED_BYTES = 500
MAX_NAME_BYTES = 17
MAX_CITY_BYTES = 15
MAX_HOLDER_BYTES = 15

Kind = Literal["pix", "card_present", "card_not_present", "transfer", "boleto", "withdrawal"]
Leg = Literal["debit", "credit"]
Channel = Literal["app", "web", "pos", "atm", "clearing"]
Status = Literal["approved", "declined"]
DeclineReason = Literal["no_funds", "over_limit", "wrong_pin", "expired", "suspected"]
# fmt: off
Uf = Literal[
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA",
    "PB", "PE", "PI", "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
]
# fmt: on

# 13 digits: until the year 2286. Nine digits of minor units: below R$ 10 million.
Instant = Annotated[int, Meta(ge=0, le=9_999_999_999_999)]
Amount = Annotated[int, Meta(gt=0, le=999_999_999)]
TransactionId = Annotated[str, Meta(min_length=1, max_length=16)]
Identifier = Annotated[str, Meta(min_length=1, max_length=8)]
ShortIdentifier = Annotated[str, Meta(min_length=1, max_length=6)]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_BYTES)]
City = Annotated[str, Meta(min_length=1, max_length=MAX_CITY_BYTES)]
HolderName = Annotated[str, Meta(min_length=1, max_length=MAX_HOLDER_BYTES)]
MaskedCpf = Annotated[str, Meta(pattern=r"^\*\*\*\.[0-9]{3}\.[0-9]{3}-\*\*\Z")]
Ip = Annotated[str, Meta(min_length=2, max_length=15)]


class Merchant(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who is paid: identifier, name, ISO 18245 merchant category code.

    The city is absent where the transaction's location says it.
    """

    id: ShortIdentifier
    name: Name
    mcc: Annotated[str, Meta(pattern=r"^[0-9]{4}\Z")]
    city: City | None = None


class Counterparty(Struct, frozen=True, gc=False):
    """The account on the other side and the ISPB (8 digits) of the institution that keeps it."""

    account: Identifier
    institution: Annotated[str, Meta(pattern=r"^[0-9]{8}\Z")]


class Location(Struct, frozen=True, gc=False):
    """A place: city, state, WGS 84 degrees with three decimals (110 m)."""

    city: City
    uf: Uf
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


class Holder(Struct, frozen=True, gc=False):
    """The account's holder, masked: first name and initials, the CPF's middle six digits."""

    name: HolderName
    cpf: MaskedCpf


class Card(Struct, frozen=True, gc=False):
    """A card as far as it may be known: BIN (first six digits) and last four."""

    bin: Annotated[str, Meta(pattern=r"^[0-9]{6}\Z")]
    last_four: Annotated[str, Meta(pattern=r"^[0-9]{4}\Z")]


# gc=False: these values hold only strings, numbers and one another, so no cycle can arise, and
# the garbage collector need not walk hundreds of thousands of them.
class Transaction(Struct, frozen=True, omit_defaults=True, gc=False):
    """One movement on one account.

    Attributes:
        occurred_at: event time, milliseconds UTC.
        account_id: whose account moved; the record's key.
        amount: minor units of `currency`, above 0 for both legs.
        leg: `debit` takes the amount off the account, `credit` adds it.
        channel: how the holder acted; `clearing` where the bank booked money that came in.
        merchant, counterparty: who is on the other side; exactly one of them, or neither for a
            withdrawal from a machine.
        location: where the terminal stands or the device said it was.
        decline_reason: present if and only if `status` is `declined`.
    """

    schema_version: Literal[1]
    transaction_id: TransactionId
    occurred_at: Instant
    account_id: Identifier
    kind: Kind
    amount: Amount
    currency: Literal["BRL"]
    channel: Channel
    status: Status
    holder: Holder
    leg: Leg = "debit"
    merchant: Merchant | None = None
    counterparty: Counterparty | None = None
    device_id: Identifier | None = None
    terminal_id: ShortIdentifier | None = None
    ip: Ip | None = None
    location: Location | None = None
    decline_reason: DeclineReason | None = None
    card: Card | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that mean nothing.

        Raises:
            ValueError: the sentence names fields only, never their values.
        """
        if (self.decline_reason is None) is (self.status == "declined"):
            raise ValueError("decline_reason must be there exactly when status is declined")
        if (self.merchant is None) is (self.counterparty is None) and (
            self.kind != "withdrawal" or self.merchant is not None
        ):
            raise ValueError("exactly one of merchant and counterparty; neither, for a withdrawal")


# Control characters, quotes and backslashes would grow when JSON escapes them.
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]+')


def bounded(text: str, max_bytes: int) -> str:
    r"""Return `text` as one line of at most `max_bytes` bytes of UTF-8, cut between characters.

    >>> bounded("Padaria São João", 10)
    'Padaria S'
    >>> bounded('a "b"\n', 10)
    'a b'
    """
    plain = " ".join(_ESCAPED.sub(" ", text).split())
    return plain.encode("utf-8", "ignore")[:max_bytes].decode("utf-8", "ignore").strip()


def masked_name(first: str, *others: str) -> str:
    """Return the first name and the initials of the others, bounded.

    >>> masked_name("Antônia", "Souza", "Lima")
    'Antônia S. L.'
    """
    initials = "".join(f" {name[0]}." for name in others if name)
    return bounded(first, MAX_HOLDER_BYTES - len(initials.encode())) + initials


def masked_cpf(middle: int) -> str:
    """Return a masked CPF that shows the six middle digits given as a number below 10**6.

    >>> masked_cpf(456789)
    '***.456.789-**'
    """
    return f"***.{middle // 1000:03d}.{middle % 1000:03d}-**"
