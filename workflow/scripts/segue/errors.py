"""The one exception that a user is meant to read."""


class SegueError(Exception):
    """Input, configuration or data that Segue cannot work with.

    The message says what is wrong, where, what was found, what was expected and what to do
    next. It is shown without a traceback: whoever raises it has already said all that helps.
    The parts are attributes too, so that a table can list them.
    """

    def __init__(self, what: str, *, where: str = "", found: str = "", expected: str = "", fix: str = ""):
        self.what, self.where, self.found, self.expected, self.fix = what, where, found, expected, fix
        parts = (("where", where), ("found", found), ("expected", expected), ("next step", fix))
        super().__init__("\n".join([what, *(f"  {name}: {text}" for name, text in parts if text)]))
