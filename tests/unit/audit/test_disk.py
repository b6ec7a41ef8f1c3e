"""What the audit folder asks of a disk, and how a disk that cannot give it is noticed."""

import errno
import fcntl
import os

import pytest

from harness_cli.audit import whereabouts
from harness_cli.audit.disk import (
    FlushError,
    ShortWriteError,
    append_whole,
    file_system_of,
    make_durable,
    open_append,
    open_existing,
    read_whole,
    replace_whole,
)


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "file"
    made.write_bytes(b"x")
    return made


@pytest.fixture
def descriptor(path):
    made = open_append(path)
    yield made
    os.close(made)


def test_a_drive_with_a_cache_is_told_to_empty_it(descriptor, monkeypatch):
    """macOS: fsync leaves bytes in the drive, F_FULLFSYNC does not."""
    told = []
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda *asked: told.append(asked))
    make_durable(descriptor)
    assert told == [(descriptor, 51)]


def test_where_there_is_no_fdatasync_fsync_is_asked(descriptor, monkeypatch):
    told = []
    monkeypatch.delattr(os, "fdatasync")
    monkeypatch.setattr(os, "fsync", told.append)
    make_durable(descriptor)
    assert told == [descriptor]


def test_a_failed_flush_is_told_apart(descriptor, monkeypatch):
    def fails(_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fails)
    with pytest.raises(FlushError) as caught:
        make_durable(descriptor)
    assert caught.value.errno == errno.EIO


def test_a_part_of_a_line_is_a_full_disk(descriptor, monkeypatch):
    monkeypatch.setattr(os, "write", lambda _, content: len(content) - 1)
    with pytest.raises(ShortWriteError) as caught:
        append_whole(descriptor, b"line\n")
    assert caught.value.errno == errno.ENOSPC


def test_a_file_with_a_second_name_is_not_ours(path, tmp_path):
    (tmp_path / "other").hardlink_to(path)
    with pytest.raises(OSError, match="not a regular file of ours with one name"):
        open_existing(path)


def test_a_file_that_does_not_fit_into_memory_is_an_error_with_its_place(path, monkeypatch):
    class Huge:
        def __init__(self, descriptor, _):
            self._descriptor = descriptor

        def __enter__(self):
            return self

        def __exit__(self, *_):
            os.close(self._descriptor)

        def read(self):
            raise MemoryError

    monkeypatch.setattr(os, "fdopen", Huge)
    with pytest.raises(OSError, match=os.strerror(errno.ENOMEM)) as caught:
        read_whole(path)
    assert caught.value.filename == str(path)


def test_a_file_that_cannot_be_replaced_stays_and_nothing_is_left(path, monkeypatch):
    monkeypatch.setattr(os, "write", lambda *_: 0)
    with pytest.raises(ShortWriteError):
        replace_whole(path, b"new", durable=True)
    assert (path.read_bytes(), [one.name for one in path.parent.iterdir()]) == (b"x", ["file"])


def test_the_file_system_is_the_one_of_the_folders_device(tmp_path):
    device = tmp_path.stat().st_dev
    own = f"{os.major(device)}:{os.minor(device)}"
    table = tmp_path / "mountinfo"
    table.write_text(f"21 1 99:99 / /x rw - ext4 /dev/x rw\n22 1 {own} / {tmp_path} rw - nfs4 host:/x rw\n")
    assert file_system_of(tmp_path, table) == "nfs4"
    table.write_text("21 1 99:99 / /x rw - ext4 /dev/x rw\n")
    assert file_system_of(tmp_path, table) == ""
    assert file_system_of(tmp_path, tmp_path / "none") == ""


def test_a_machine_that_does_not_tell_its_boot_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(whereabouts, "BOOT_ID", tmp_path / "none")
    assert whereabouts.whereabouts()["bootId"] == ""
