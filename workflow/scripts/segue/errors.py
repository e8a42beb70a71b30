"""The one exception that a user is meant to read."""


class SegueError(Exception):
    """Input, configuration or data that Segue cannot work with.

    The message says what is wrong, where, what was found, what was expected and what to do
    next. It is shown without a traceback: whoever raises it has already said all that helps.
    """

    def __init__(self, what: str, *, where: str = "", found: str = "", expected: str = "", fix: str = ""):
        parts = (("where", where), ("found", found), ("expected", expected), ("next step", fix))
        super().__init__("\n".join([what, *(f"  {name}: {text}" for name, text in parts if text)]))
