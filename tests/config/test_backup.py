import psycopg
import pytest

from config import backup, embedded

pytestmark = pytest.mark.row("OR-08")


@pytest.fixture
def url(open_folder):
    data = open_folder / "server" / "pg"
    address = embedded.start(data)
    with psycopg.connect(address) as connection:
        connection.execute("create table note (text text); insert into note values ('渗水')")
    yield address
    embedded.stop(data)


def test_a_backup_brings_back_rows_and_files(url, tmp_path):
    files = tmp_path / "data" / "files"
    files.mkdir(parents=True)
    (files / "photo.jpg").write_bytes(b"photo")
    folder = backup.save(tmp_path / "backup", url, files)
    with psycopg.connect(url) as connection:
        connection.execute("drop table note; create table other (id int)")
    (files / "photo.jpg").unlink()

    backup.load(folder, url, files)

    with psycopg.connect(url) as connection:
        assert connection.execute("select text from note").fetchall() == [("渗水",)]
    assert (files / "photo.jpg").read_bytes() == b"photo"


def test_a_damaged_backup_changes_nothing(url, tmp_path):
    folder = backup.save(tmp_path / "backup", url, tmp_path / "data" / "files")
    with psycopg.connect(url) as connection:
        connection.execute("insert into note values ('later')")
    with (folder / "files.tar").open("ab") as archive:
        archive.write(b"x")

    with pytest.raises(SystemExit) as refusal:
        backup.load(folder, url, tmp_path / "data" / "files")

    assert str(refusal.value) == f"{folder / 'files.tar'} is damaged: nothing was restored"
    with psycopg.connect(url) as connection:
        assert connection.execute("select text from note").fetchall() == [("渗水",), ("later",)]
