"""The page that gives all that is booked as files."""

import io
import zipfile

from tests.support.occurring import read_all


def test_admin_gets_the_file_of_a_space(desk, house, post):
    house.add_booking(title="Secret", by=house.stranger, visibility="private")
    assert "Atlas" in desk.get("/admin/export").text

    answer = post(desk, "/admin/export", space=str(house.atlas.id))

    assert answer.mimetype == "text/calendar"
    assert f"atlas-{house.atlas.id}.ics" in answer.headers["Content-Disposition"]
    assert [each.title for each in read_all(answer.data)] == ["Secret"]


def test_admin_gets_a_zip_of_all(desk, house, post):
    answer = post(desk, "/admin/export")
    assert answer.mimetype == "application/zip"
    assert len(zipfile.ZipFile(io.BytesIO(answer.data)).namelist()) == 4
    answer.close()


def test_space_that_is_not_there_is_not_found(desk, house, post):
    assert post(desk, "/admin/export", space="999").status_code == 404
    assert post(desk, "/admin/export", space="x").status_code == 404


def test_others_do_not_get_it(member, house, post):
    assert member.get("/admin/export").status_code == 403
    assert post(member, "/admin/export", space=str(house.atlas.id)).status_code == 403
