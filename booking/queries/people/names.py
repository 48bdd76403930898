"""Names as badges show them."""


def initials(name: str) -> str:
    """Return one or two capitals for a name's badge: of its first and its last word."""
    letters = [
        letter
        for word in name.split()
        if (letter := next((each for each in word if each.isalnum()), ""))
    ]
    if not letters:
        return name[:1] or "?"
    return "".join(letters[:1] + letters[1:][-1:]).upper()
