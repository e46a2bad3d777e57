"""The project's exceptions.

::

    DresscodeError                 everything that this project raises on purpose
    ├── PictureError               one picture could not be read: broken, empty, too large, no image
    ├── ConfigError                config.yaml is wrong: file, line, key, value, what was meant
    ├── PolicyError                dress_code.yaml is wrong: file, line, key, value, what was meant
    ├── WeightsError               a network's weights are missing, damaged, or of another kind
    └── ExamplesError              a site's example pictures: too few are usable, or what is stored does not fit
"""


class DresscodeError(Exception):
    """Base of the project's exceptions; its text is one sentence for the user."""


class PictureError(DresscodeError):
    """A picture could not be read."""


class ConfigError(DresscodeError):
    """The deployment's configuration is wrong."""


class PolicyError(DresscodeError):
    """The dress code is wrong."""


class WeightsError(DresscodeError):
    """Weights are missing, damaged or of another kind."""


class ExamplesError(DresscodeError):
    """A site's examples are too few, damaged, or of another version."""
