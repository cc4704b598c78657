"""Every error that a person or a program can meet, in one tree.

Each class holds a stable `code` that scripts may rely on, and each instance a message that says what is wrong,
where, and what would be right. The tree knows nothing of the command line or of the web: `exit_code` is the only
concession, so that the two need no table of their own.

    PipelineError
    ├── BadInputError               what a person handed in cannot be used (exit code 2)
    │   ├── EmptyFileError, BinaryFileError, EncodingError, UnknownFormatError
    │   ├── InputTooLargeError      more of something than a screenplay or a storyboard has
    │   ├── NoSceneError, DuplicateEpisodeError
    │   ├── StoryboardFormatError, DuplicateShotNumberError, MissingDescriptionError, BadDurationError
    │   ├── BadSlugError, BadEpisodeKeyError, BadSettingError, BadCursorError
    │   │   └── ProvidersFileError  the providers' file is not there, or holds a mistake
    │   ├── BadUserNameError, BadPasswordError
    │   ├── BadPictureError         a picture that somebody hands in cannot be used
    │   └── NotFoundError
    │       └── LinkAlteredError    a shared link is not one of ours
    ├── StateError                  the thing exists, but its state does not allow this
    │   ├── StoryboardFrozenError, ScreenplayLockedError
    │   ├── RunsInProgressError     runs have to end first
    │   ├── NotEmptyError           a backup would be restored over what is there
    │   ├── WorkHeldError           somebody else's live run holds the work
    │   ├── StaleVersionError       somebody else changed it since it was read
    │   ├── FilmNotReadyError       shots that the film needs are missing or not approved
    │   ├── ExportCancelledError    a person stopped the export
    │   ├── ProvidersPausedError    all that may be asked is down, limited or full for now
    │   ├── IdempotencyKeyReusedError, RequestInProgressError
    │   ├── TooManyAtOnceError      the server does enough of it just now
    │   │   └── TooManyStreamsError somebody has enough streams of events open
    │   ├── TooManyRequestsError    somebody asked for it too often of late
    │   ├── NameTakenError          of a user, an organisation or a team
    │   ├── LastAdministratorError  nobody would be left who may do everything
    │   ├── BudgetExceededError     a hard budget has not enough room
    │   ├── BudgetCurrencyError     a hard budget is in another currency than the price
    │   ├── BudgetMissingError      a project that was made over the web is under no budget
    │   └── PriceMissingError       under a hard budget, nothing is asked for whose price is not known
    ├── AccountError                who asks is not known, or may not do this
    │   ├── NotLoggedInError        no token, or one that does not hold (any more)
    │   ├── LoginFailedError        name and password do not fit
    │   ├── LoginThrottledError     too many failed log-ins: wait
    │   ├── IdentityProviderError   who vouches for people did not, or is not believed
    │   │   └── IdentityProviderUnavailableError  it does not answer now
    │   └── NotAllowedError         known, and not allowed
    ├── LinkExpiredError            a shared link was good until some time ago
    ├── UpgradeFailedError          a database could not be brought up to date
    ├── ProviderError               a provider's answer, classified (see providers/capabilities.py)
    ├── DagsterClientError          Dagster's web server did not do what it was asked
    │   ├── DagsterUnavailableError nothing was done: it was not reached, or left a question unanswered
    │   ├── DagsterRefusedError     it understood, and refused
    │   └── DagsterUnknownError     it may have been done: look before asking again
    ├── ChannelError                a channel did not take a message, or may not have taken it
    ├── StoryAnswerError            a language model's answer stayed unusable after it was asked to mend it
    ├── MediaError                  ffmpeg failed, or a file is not what it should be
    │   ├── FfmpegFailedError, UnreadableMediaError, FilmMismatchError
    ├── StorageError
    │   ├── ObjectMissingError, ObjectDamagedError, ObjectStoreError, DiskFullError, DatabaseError
    │   ├── BackupDamagedError
    └── PackageIncompleteError      a file that should be in the ZIP is not there
"""

from typing import Any, ClassVar, Self


class PipelineError(Exception):
    """Base of the tree. `details` are JSON-ready facts for programs; the message is for people."""

    code: ClassVar[str] = "ERR_PIPELINE"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


def error_codes() -> dict[str, str]:
    """The code of every class of the tree by its name, for errors that come from another process as text."""
    codes: dict[str, str] = {}
    waiting = [PipelineError]
    while waiting:
        found = waiting.pop()
        codes[found.__name__] = found.code
        waiting += found.__subclasses__()
    return codes


class BadInputError(PipelineError):
    code = "ERR_BAD_INPUT"
    exit_code = 2


class EmptyFileError(BadInputError):
    code = "ERR_FILE_EMPTY"


class BinaryFileError(BadInputError):
    code = "ERR_FILE_BINARY"


class EncodingError(BadInputError):
    code = "ERR_FILE_ENCODING"


class InputTooLargeError(BadInputError):
    """`details` has `where`, `what` there is too much of, and the `most` that is taken."""

    code = "ERR_INPUT_TOO_LARGE"

    @classmethod
    def of(cls, where: str, what: str, most: int) -> Self:
        message = f"{where} has more than {most:,} {what}; no screenplay or storyboard has."
        return cls(message, where=where, what=what, most=most)


class UnknownFormatError(BadInputError):
    code = "ERR_FORMAT_UNKNOWN"


class NoSceneError(BadInputError):
    code = "ERR_SCREENPLAY_NO_SCENE"


class DuplicateEpisodeError(BadInputError):
    code = "ERR_EPISODE_DUPLICATE"


class StoryboardFormatError(BadInputError):
    code = "ERR_STORYBOARD_FORMAT"


class DuplicateShotNumberError(BadInputError):
    code = "ERR_SHOT_NUMBER_DUPLICATE"


class MissingDescriptionError(BadInputError):
    code = "ERR_SHOT_DESCRIPTION_MISSING"


class BadDurationError(BadInputError):
    code = "ERR_SHOT_DURATION"


class BadSlugError(BadInputError):
    code = "ERR_PROJECT_SLUG"


class BadEpisodeKeyError(BadInputError):
    code = "ERR_EPISODE_KEY"


class BadSettingError(BadInputError):
    code = "ERR_SETTING"


class BadUserNameError(BadInputError):
    code = "ERR_USER_NAME"


class BadPasswordError(BadInputError):
    """It is too short or too long; the message never holds it."""

    code = "ERR_PASSWORD"


class ProvidersFileError(BadSettingError):
    """Whoever runs the installation can mend it, and nobody else. `details` has `path`, or the `variable` that names
    the file."""

    code = "ERR_PROVIDERS_FILE"


class BadPictureError(BadInputError):
    code = "ERR_PICTURE"


class BadCursorError(BadInputError):
    code = "ERR_CURSOR"


class NotFoundError(BadInputError):
    code = "ERR_NOT_FOUND"


class LinkAlteredError(NotFoundError):
    code = "ERR_LINK_ALTERED"


class LinkExpiredError(PipelineError):
    code = "ERR_LINK_EXPIRED"


class StateError(PipelineError):
    code = "ERR_STATE"


class ProjectExistsError(StateError):
    code = "ERR_PROJECT_EXISTS"


class ScheduleExistsError(StateError):
    """Schedules of all projects have their names from one list, as projects have."""

    code = "ERR_SCHEDULE_EXISTS"


class StoryboardFrozenError(StateError):
    code = "ERR_STORYBOARD_FROZEN"


class ScreenplayLockedError(StateError):
    """`details` has `episode`, `version` and `locked_by`."""

    code = "ERR_SCREENPLAY_LOCKED"


class WorkHeldError(StateError):
    code = "ERR_WORK_HELD"


class StaleVersionError(StateError):
    code = "ERR_STALE_VERSION"


class FilmNotReadyError(StateError):
    """`details` has `waiting`: shot, stage and state of each."""

    code = "ERR_FILM_NOT_READY"
    exit_code = 3


class ExportCancelledError(StateError):
    code = "ERR_EXPORT_CANCELLED"


class RunsInProgressError(StateError):
    """`details` has `at_work`: what has to end first."""

    code = "ERR_RUNS_IN_PROGRESS"


class NotEmptyError(StateError):
    code = "ERR_NOT_EMPTY"


class IdempotencyKeyReusedError(StateError):
    """The key came with another request before."""

    code = "ERR_IDEMPOTENCY_KEY_REUSED"


class RequestInProgressError(StateError):
    """The first request with this key is still being answered."""

    code = "ERR_REQUEST_IN_PROGRESS"


class NameTakenError(StateError):
    """Of a user, also one who is disabled: a name is never given to another person."""

    code = "ERR_NAME_TAKEN"


class LastAdministratorError(StateError):
    code = "ERR_LAST_ADMINISTRATOR"


class TooManyAtOnceError(StateError):
    """`details` has `retry_after`: seconds."""

    code = "ERR_TOO_MANY_AT_ONCE"


class TooManyStreamsError(TooManyAtOnceError):
    code = "ERR_TOO_MANY_STREAMS"


class TooManyRequestsError(StateError):
    """`details` has `retry_after`: seconds."""

    code = "ERR_TOO_MANY_REQUESTS"


class AccountError(PipelineError):
    code = "ERR_ACCOUNT"


class NotLoggedInError(AccountError):
    code = "ERR_NOT_LOGGED_IN"


class LoginFailedError(AccountError):
    code = "ERR_LOGIN_FAILED"


class LoginThrottledError(AccountError):
    """`details` has `retry_after`: seconds."""

    code = "ERR_LOGIN_THROTTLED"


class IdentityProviderError(AccountError):
    code = "ERR_IDENTITY_PROVIDER"


class IdentityProviderUnavailableError(IdentityProviderError):
    """`details` has `retry_after`: seconds."""

    code = "ERR_IDENTITY_PROVIDER_UNAVAILABLE"


class NotAllowedError(AccountError):
    """`details` has `action` where one is missing."""

    code = "ERR_NOT_ALLOWED"


class UpgradeFailedError(PipelineError):
    code = "ERR_UPGRADE"


class ProviderError(PipelineError):
    """`kind` is one of `providers.capabilities.ErrorKind`; the vendor's own words stay in the message."""

    code = "ERR_PROVIDER"

    def __init__(self, message: str, *, kind: str, **details: Any) -> None:
        super().__init__(message, kind=kind, **details)
        self.kind = kind


class ProvidersPausedError(StateError):
    """`details` has `until` (ISO 8601) and `routes`."""

    code = "ERR_PROVIDERS_PAUSED"
    exit_code = 3


class StoryAnswerError(PipelineError):
    """`details` has `problems`: what was wrong with the last answer, and `attempts`."""

    code = "ERR_STORY_ANSWER"


class BudgetExceededError(StateError):
    """`details` has `budget` (scope, subject, period), and in micro-units of `currency`: `limit`, `spent`, `reserved`,
    `asked` and `missing`."""

    code = "ERR_BUDGET_EXCEEDED"


class BudgetCurrencyError(StateError):
    """`details` has `budget` (scope, subject, period), its `currency`, and that of the price: `asked_currency`."""

    code = "ERR_BUDGET_CURRENCY"


class BudgetMissingError(StateError):
    """`details` has the `project`."""

    code = "ERR_BUDGET_MISSING"


class PriceMissingError(StateError):
    """`details` has `budget` (scope, subject, period), `provider`, `model` and `capability`."""

    code = "ERR_PRICE_MISSING"


class ChannelError(PipelineError):
    """`details` has `channel`, and `verdict`: not_taken or unknown."""

    code = "ERR_CHANNEL"


class DagsterClientError(PipelineError):
    code = "ERR_DAGSTER"


class DagsterUnavailableError(DagsterClientError):
    code = "ERR_DAGSTER_UNAVAILABLE"


class DagsterRefusedError(DagsterClientError):
    """`details` has `reason`: the name of Dagster's answer, such as RunConfigValidationInvalid. PipelineNotFoundError,
    InvalidSubsetError and PartitionSetNotFoundError are also what it says while our code is not loaded."""

    code = "ERR_DAGSTER_REFUSED"


class DagsterUnknownError(DagsterClientError):
    code = "ERR_DAGSTER_UNKNOWN"


class MediaError(PipelineError):
    code = "ERR_MEDIA"


class FfmpegFailedError(MediaError):
    code = "ERR_FFMPEG"


class UnreadableMediaError(MediaError):
    code = "ERR_MEDIA_UNREADABLE"


class FilmMismatchError(MediaError):
    code = "ERR_FILM_MISMATCH"


class StorageError(PipelineError):
    code = "ERR_STORAGE"


class ObjectMissingError(StorageError):
    code = "ERR_OBJECT_MISSING"


class ObjectDamagedError(StorageError):
    code = "ERR_OBJECT_DAMAGED"


class ObjectStoreError(StorageError):
    """The bucket cannot be reached, or it refuses. `details` has `address`."""

    code = "ERR_OBJECT_STORE"


class BackupDamagedError(StorageError):
    code = "ERR_BACKUP_DAMAGED"


class DiskFullError(StorageError):
    code = "ERR_DISK_FULL"


class DatabaseError(StorageError):
    code = "ERR_DATABASE"


class PackageIncompleteError(PipelineError):
    code = "ERR_PACKAGE_INCOMPLETE"
