"""The whole tree of errors, split by what the caller does about it.

::

    WorkshopError                 something we say on purpose; its text is for a person
    ├── UserError                 fix the input and run again (exit code 2)
    │   ├── InvalidSetting        names the setting, its value and what is allowed
    │   ├── InvalidRules          names the rule's parameter, its value and what is allowed
    │   ├── InvalidModel          names what of the model's file is not allowed
    │   └── PortTaken             names the port, the service and the owner where known
    ├── Unavailable               wait and try again
    │   ├── BrokersUnavailable    no broker answered
    │   └── TimedOut              a condition did not come true before its deadline
    ├── Undecodable               dead-letter this one message and go on
    ├── ArtefactError             Java or a jar could not be had
    ├── DeliveryFailed            the broker refused a message, or it could not be confirmed
    │   ├── TooLarge              it will never be taken: send less of it
    │   └── Fenced                another producer has taken over: leave the rest to it
    └── ServiceFailed             a supervised process ended or never became ready
"""

from kafka_workshop.language import tr


class WorkshopError(Exception):
    """Anything this project raises on purpose; `str()` is a sentence for a person."""

    exit_code = 1


class UserError(WorkshopError):
    """The person's input is wrong: say what and what is allowed, no traceback."""

    exit_code = 2


class InvalidSetting(UserError):
    """A setting has a value that is not allowed."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        self.name, self.value, self.allowed = name, value, allowed
        super().__init__(
            tr(
                "{name}={value!r} is not allowed: {allowed}",
                "{name}={value!r} não é permitido: {allowed}",
                name=name,
                value=value,
                allowed=allowed,
            )
        )


class InvalidRules(UserError):
    """The file with the rules' parameters says something that is not allowed."""


class InvalidModel(UserError):
    """The file with the model that scores transactions says something that is not allowed."""


class PortTaken(UserError):
    """A port that a service needs is in use."""


class Unavailable(WorkshopError):
    """Not there now: wait and try again."""


class BrokersUnavailable(Unavailable):
    """No broker answered at the bootstrap servers."""


class TimedOut(Unavailable):
    """A condition did not come true before its deadline."""


class Undecodable(WorkshopError):
    """One message cannot be decoded: it goes to the dead-letter topic, the loop goes on."""

    def __init__(self, error_class: str, reason: str) -> None:
        self.error_class, self.reason = error_class, reason
        super().__init__(f"{error_class}: {reason}")


class ArtefactError(WorkshopError):
    """Java or a jar could not be fetched or does not match its checksum."""


class DeliveryFailed(WorkshopError):
    """A message could not be delivered: the broker refused it or never confirmed it."""


class TooLarge(DeliveryFailed):
    """A message is larger than the client, the topic or a segment takes."""


class Fenced(DeliveryFailed):
    """Another producer of the same transactional id has taken over."""


class ServiceFailed(WorkshopError):
    """A supervised process ended early or never became ready."""
