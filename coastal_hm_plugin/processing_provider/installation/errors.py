"""What stops an installation."""

from ...core.errors import InputError


class InstallationError(InputError):
    """Says what went wrong and what to do; nothing was changed."""
