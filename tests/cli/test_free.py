"""`booking free`: what is free, for whom, as lines and as JSON."""


def test_free_time_of_rooms_that_fit(shell, house):
    house.add_booking(house.atlas, start=10, end=11)
    asked = ["free", "--first", "2027-03-11", "--days", "1", "--people", "7", "--from", "09:00"]
    found = shell.json(*asked, "--to", "12:00", "--as", house.email(house.member))
    atlas = [each for each in found if each["name"] == "Atlas"]
    assert atlas == [
        {
            "space": house.atlas.id,
            "name": "Atlas",
            "start": f"2027-03-11T{start}+01:00",
            "end": f"2027-03-11T{end}+01:00",
            "asks": False,
            "over": False,
        }
        for start, end in (("09:00", "10:00"), ("11:00", "12:00"))
    ]
    assert {each["name"]: each["asks"] for each in found}.get("Cedar") is True
    lines = shell.run(*asked, "--to", "12:00").output.splitlines()
    assert any(line.split()[:3] == ["2027-03-11", "09:00", "10:00"] for line in lines)


def test_only_the_weekdays_that_are_asked_for(shell, house):
    found = shell.json("free", "--on", "mon", "--on", "fri", "--site", house.site.slug)
    assert {each["start"][:10] for each in found} <= {
        "2027-03-12",
        "2027-03-15",
        "2027-03-19",
        "2027-03-22",
    }


def test_nothing_free_and_nonsense(shell, house):
    assert shell.run("free", "--people", "4000").output == "Nothing is free\n"
    assert "longer than the hours" in shell.refusal(
        "free", "--length", "600", "--from", "09:00", "--to", "12:00"
    )
    assert "no such" in shell.refusal("free", "--site", "elsewhere").lower()
    shell.run("free", "--length", "0", code=2)
