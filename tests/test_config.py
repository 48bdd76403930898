"""The operator's settings: what is read, what is refused, and with which words."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from booking.config import (
    Config,
    ConfigError,
    Database,
    Paths,
    Server,
    load_config,
    network_file_system,
    weakness,
)
from booking.resources import resource_dir

GOOD_SECRET = "f8Jq2-Zr0vXk7LwTn5_YbM3cHs9eUdQa"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOOKING_CONFIG", raising=False)
    monkeypatch.delenv("BOOKING_HOME", raising=False)


def write(text: str, path: str = "config.toml") -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_without_a_file(tmp_path):
    config = load_config()

    assert config == Config(paths=Paths(var=tmp_path / "var"))
    assert config.database_url == f"sqlite:///{tmp_path}/var/booking.db"
    assert config.sqlite_file == tmp_path / "var" / "booking.db"
    assert config.public_url == "http://127.0.0.1:8000"


def test_file_in_the_current_folder_is_read():
    write("[server]\nport = 9000\n")

    config = load_config()

    assert config.server == Server(port=9000)
    assert config.file == Path.cwd() / "config.toml"


def test_environment_names_the_file(monkeypatch):
    write("[server]\nport = 9000\n")
    write("[server]\nport = 9001\n", "etc/booking.toml")
    monkeypatch.setenv("BOOKING_CONFIG", "etc/booking.toml")

    assert load_config().server.port == 9001
    assert load_config(Path("config.toml")).server.port == 9000


def test_home_holds_file_and_data(tmp_path, monkeypatch):
    write("[server]\nport = 9002\n", "home/config.toml")
    monkeypatch.setenv("BOOKING_HOME", str(tmp_path / "home"))

    config = load_config()

    assert config.server.port == 9002
    assert config.paths.var == tmp_path / "home" / "var"


def test_relative_paths_count_from_the_file(tmp_path):
    file = write('[paths]\nvar = "data"\n[database]\nurl = "sqlite:///rooms.db"\n', "etc/b.toml")

    config = load_config(file)

    assert config.paths.var == tmp_path / "etc" / "data"
    assert config.sqlite_file == tmp_path / "etc" / "rooms.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_gets_its_driver_and_keeps_its_password(scheme):
    file = write(f'[database]\nurl = "{scheme}://me:p%40ss@db.example/rooms"\n')

    config = load_config(file)

    assert config.database_url == "postgresql+psycopg://me:p%40ss@db.example/rooms"
    assert config.sqlite_file is None


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        pytest.param("[sever]\nport = 1", "sever", "did you mean 'server'?", id="section"),
        pytest.param("[colours]\na = 1", "colours", "expected one of server", id="far section"),
        pytest.param("[server]\nprot = 1", "server.prot", "did you mean 'port'?", id="key"),
        pytest.param("port = 1", "port", "belongs into [server]", id="key outside"),
        pytest.param("[log]\nport = 1", "log.port", "belongs into [server]", id="key elsewhere"),
        pytest.param("server = 1", "server", "written as [server]", id="not a section"),
        pytest.param(
            '[server]\nport = "80"', "server.port", "whole number from 0 to 65535", id="text"
        ),
        pytest.param("[server]\nport = 65536", "server.port", "from 0 to 65535", id="too large"),
        pytest.param("[server]\nport = 8e3", "server.port", "whole number", id="float"),
        pytest.param("[server]\nport = true", "server.port", "whole number", id="true as number"),
        pytest.param(
            "[security]\ndevelopment = 1", "security.development", "true or false", id="1 as true"
        ),
        pytest.param('[log]\nlevel = "loud"', "log.level", '"debug", "info"', id="choice"),
        pytest.param("[log]\nlevel = []", "log.level", '"debug", "info"', id="list as choice"),
        pytest.param("[paths]\nvar = 3", "paths.var", "a path in quotes", id="path"),
        pytest.param('[paths]\nvar = ""', "paths.var", "a path in quotes", id="empty path"),
        pytest.param(
            '[server]\npublic_url = "rooms.example.org"',
            "server.public_url",
            '"https://rooms.example.org"',
            id="address without scheme",
        ),
        pytest.param(
            '[database]\nurl = "mysql://a:b@c/d"', "database.url", "postgresql://", id="MySQL"
        ),
        pytest.param('[database]\nurl = "sqlite://"', "database.url", "FILE", id="memory"),
        pytest.param('[database]\nurl = "rooms.db"', "database.url", "sqlite:///FILE", id="bare"),
    ],
)
def test_wrong_setting_names_file_key_and_expectation(text, key, expected):
    file = write(text)

    with pytest.raises(ConfigError) as caught:
        load_config(file)

    assert caught.value.key == key
    assert str(caught.value).startswith(f"config.toml: {key}: ")
    assert expected in caught.value.expected


PROVIDER = {
    "id": "cloud",
    "name": "Cloud",
    "authorize_url": "https://cloud.example.org/authorize",
    "token_url": "https://cloud.example.org/token",
    "caldav_url": "https://cloud.example.org/dav/",
    "client_id": "house",
}


def providers(*tables: dict[str, str]) -> str:
    return "".join(
        "[[sync.providers]]\n" + "".join(f'{key} = "{text}"\n' for key, text in each.items())
        for each in tables
    )


def test_providers_are_read_with_the_secret_of_their_file():
    Path("etc").mkdir()
    Path("etc/key").write_text("of-the-house\n")
    file = write(providers(PROVIDER | {"client_secret_file": "key"}), "etc/config.toml")

    [found] = load_config(file).sync.providers

    assert (found.id, found.client_secret) == ("cloud", "of-the-house")
    assert "of-the-house" not in repr(load_config(file))


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        pytest.param('sync.providers = "cloud"', "", "[[sync.providers]]", id="no table"),
        pytest.param(providers({"id": "cloud"}), "name", "a provider needs it", id="missing"),
        pytest.param(providers(PROVIDER | {"secret": "x"}), "secret", "unknown key", id="unknown"),
        pytest.param(providers(PROVIDER | {"id": "My cloud"}), "id", "small letters", id="name"),
        pytest.param(providers(PROVIDER, PROVIDER), "id", "'cloud' twice", id="twice"),
        pytest.param(
            providers(PROVIDER | {"token_url": "http://cloud.example.org/token"}),
            "token_url",
            "https://",
            id="plain",
        ),
        pytest.param(
            providers(PROVIDER | {"client_secret_file": "absent"}),
            "client_secret_file",
            "can be read",
            id="no file",
        ),
        pytest.param(providers(PROVIDER | {"client_auth": "url"}), "client_auth", "body", id="way"),
    ],
)
def test_wrong_provider_names_its_key(text, key, expected):
    with pytest.raises(ConfigError) as caught:
        load_config(write(text))

    assert caught.value.key == ".".join(filter(None, ("sync.providers", key)))
    assert expected in caught.value.expected


def test_broken_toml_names_the_line():
    file = write("[server]\nport = = 3\n")

    with pytest.raises(ConfigError, match=r"config\.toml: is not valid TOML: .*line 2"):
        load_config(file)


def test_latin_1_file_is_refused_in_words():
    Path("config.toml").write_bytes('[ui]\n# préféré\ndefault_language = "fr"\n'.encode("latin-1"))

    with pytest.raises(ConfigError, match="is not valid TOML"):
        load_config()


def test_named_file_that_is_missing_is_refused():
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read: No such file"):
        load_config(Path("absent.toml"))


def test_password_of_the_database_is_not_shown():
    file = write('[database]\nurl = "mysql://me:topsecret@host/name"\n')

    with pytest.raises(ConfigError) as caught:
        load_config(file)

    assert "topsecret" not in str(caught.value)


def test_secret_is_neither_shown_nor_in_the_repr():
    file = write(f'[security]\nsecret_key = "{GOOD_SECRET}"\n')
    assert GOOD_SECRET not in repr(load_config(file))

    with pytest.raises(ConfigError) as caught:
        load_config(write('[security]\nsecret_key = ["hunter2"]\n'))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("k3J9-x", id="short"),
        pytest.param("a" * 64, id="one character"),
        pytest.param("0123456789abcdef" * 4, id="repeated"),
        pytest.param("abcdefghijklmnopqrstuvwxyzABCDEF", id="alphabet"),
        pytest.param("please-change-me-" + GOOD_SECRET, id="placeholder"),
    ],
)
def test_weak_secret_is_refused_outside_development(secret):
    with pytest.raises(ConfigError, match=r"security\.secret_key"):
        load_config(write(f'[security]\nsecret_key = "{secret}"\n'))

    config = load_config(write(f'[security]\nsecret_key = "{secret}"\ndevelopment = true\n'))
    assert config.signing_key() == secret.encode()


def test_good_secret_is_taken_as_it_is():
    assert weakness(GOOD_SECRET) is None
    config = load_config(write(f'[security]\nsecret_key = "{GOOD_SECRET}"\n'))

    assert config.signing_key() == GOOD_SECRET.encode()
    assert not (Path.cwd() / "var").exists()


def test_secret_is_made_once_where_none_is_given(tmp_path):
    key = load_config().signing_key()

    assert load_config().signing_key() == key
    assert (tmp_path / "var" / "secret.key").read_bytes().strip() == key
    assert weakness(key.decode()) is None


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        pytest.param(Server(host="0.0.0.0"), "http://localhost:8000", id="all addresses"),
        pytest.param(Server(host="::1", port=80), "http://[::1]:80", id="IPv6"),
        pytest.param(
            Server(public_url="https://r.example/house/"), "https://r.example/house", id="given"
        ),
    ],
)
def test_public_url(server, expected):
    assert Config(server=server).public_url == expected


def test_command_line_overrides_the_address():
    config = Config(database=Database(url="sqlite:////x.db"))

    changed = config.listening(host="::", port=0)

    assert changed.server == Server(host="::", port=0)
    assert changed.database == config.database
    assert config.listening() == config
    with pytest.raises(ConfigError, match="--port"):
        config.listening(port=70000)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("/srv/booking.db", None, id="local"),
        pytest.param("/srv/share/var/booking.db", "nfs4", id="below a share"),
        pytest.param("/srv/shared/booking.db", None, id="same beginning"),
        pytest.param("/srv/share/disk/booking.db", None, id="local disk on a share"),
        pytest.param("/srv/my files/booking.db", "cifs", id="space in the name"),
        pytest.param("/auto/booking.db", "fuse.sshfs", id="mounted over"),
    ],
)
def test_network_file_system(tmp_path, path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda / ext4 rw 0 0\n"
        "nas:/a /srv/share nfs4 rw 0 0\n"
        "/dev/sdb /srv/share/disk ext4 rw 0 0\n"
        "//nas/b /srv/my\\040files cifs rw 0 0\n"
        "auto /auto autofs rw 0 0\n"
        "nas: /auto fuse.sshfs rw 0 0\n"
    )

    assert network_file_system(Path(path), mounts) == kind


def test_network_file_system_is_unknown_without_a_table(tmp_path):
    assert network_file_system(tmp_path, tmp_path / "absent") is None


EXAMPLE = (resource_dir() / "config.example.toml").read_text(encoding="utf-8")


def test_example_comments_out_every_key():
    assert load_config(write(EXAMPLE)) == load_config(write("", "config.toml"))


def test_example_and_settings_agree_exactly(tmp_path):
    uncommented = re.sub(r"^# (?=[a-z_]+ = )", "", EXAMPLE, flags=re.MULTILINE)
    assert uncommented != EXAMPLE

    config = load_config(write(uncommented))

    assert config == load_config(write(""))
    assert sorted(re.findall(r"^(?:\[(\w+)\]|(\w+) = )", uncommented, re.MULTILINE)) == sorted(
        pair
        for section in fields(Config)
        if section.name != "file"
        for pair in [
            (section.name, ""),
            *(("", key.name) for key in fields(type(getattr(config, section.name)))),
        ]
    )


def test_example_explains_every_key():
    blocks = re.findall(r"^# ([^\n]+)\n# [a-z_]+ = ", EXAMPLE, re.MULTILINE)

    assert len(blocks) == len(re.findall(r"^# [a-z_]+ = ", EXAMPLE, re.MULTILINE))
    assert all(line.endswith(".") for line in blocks)


PAGES = sorted([*resource_dir().glob("docs/*.md"), resource_dir() / "README.md"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_keys_that_the_docs_name_exist(page):
    sections = {entry.name for entry in fields(Config)} - {"file"}
    text = page.read_text(encoding="utf-8")

    named = re.findall(rf"`({'|'.join(sections)})\.(?!py\b)(\w+)[` ]", text)

    config = Config()
    unknown = [f"{name}.{key}" for name, key in named if not hasattr(getattr(config, name), key)]
    assert unknown == []


def test_settings_that_the_docs_show_load():
    text = (resource_dir() / "docs" / "operations.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert shown

    for number, settings in enumerate(shown):
        load_config(write(settings, f"{number}.toml"))
