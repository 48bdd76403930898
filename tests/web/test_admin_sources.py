"""Calendars of others are for those who run the house."""


def test_members_neither_see_nor_follow_any(member, post):
    assert member.get("/admin/calendars").status_code == 403
    assert post(member, "/admin/calendars", what="follow").status_code == 403
