"""Where the files that are not Python lie: templates, migrations, the example configuration."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_dir() -> Path:
    """Return the folder that holds ``templates/``, ``migrations/`` and ``config.example.toml``.

    In a checkout that is the top folder; in an installed wheel it is
    ``booking/_resources``, where the build put copies (see ``.ci/hatch_build.py``).
    """
    packed = _PACKAGE / "_resources"
    return packed if packed.is_dir() else _PACKAGE.parent
