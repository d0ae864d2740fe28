"""The function of the app."""


def handler(event: object, context: object) -> None:  # noqa: ARG001 - as Lambda calls it
    return None
