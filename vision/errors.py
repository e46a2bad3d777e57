"""The project's exceptions.

::

    DresscodeError                 everything that this project raises on purpose
    ├── PictureError               one picture could not be read: broken, empty, too large, no image
    ├── ConfigError                config.yaml is wrong: file, line, key, value, what was meant
    │   └── PeopleError            a list of people, staff or exemptions is wrong, told in the same way
    ├── PolicyError                dress_code.yaml is wrong: file, line, key, value, what was meant
    ├── ReportError                a stored report is missing, or a line of it is no row of a report
    ├── WeightsError               a network's weights are missing, damaged, or of another kind
    ├── ExamplesError              a site's example pictures: too few are usable, or what is stored does not fit
    └── StoreError                 what is kept: the database cannot be used, or a change of it does not fit
"""


class DresscodeError(Exception):
    """Base of the project's exceptions; its text is one sentence for the user."""


class PictureError(DresscodeError):
    """A picture could not be read."""


class ConfigError(DresscodeError):
    """The deployment's configuration is wrong."""


class PolicyError(DresscodeError):
    """The dress code is wrong."""


class PeopleError(ConfigError):
    """A list of people, staff or exemptions is wrong; a list is part of the deployment's configuration."""


class ReportError(DresscodeError):
    """A stored report cannot be used."""


class WeightsError(DresscodeError):
    """Weights are missing, damaged or of another kind."""


class ExamplesError(DresscodeError):
    """A site's examples are too few, damaged, or of another version."""


class StoreError(DresscodeError):
    """The database cannot be used, or what is asked of it does not fit what is in it."""
