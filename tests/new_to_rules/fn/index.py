"""The function of the app."""


def handler(event: object, context: object) -> None:
    """Does nothing."""
