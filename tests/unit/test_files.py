import os
import stat
import threading

import pytest

from harness_cli.files import create_once, ensure_private_folder, read_private, write_private


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_folders_are_private(tmp_path):
    target = tmp_path / "a" / "b" / "c.json"
    write_private(target, b"1")
    assert (mode(target), mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o600, 0o700, 0o700)


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path):
    target = tmp_path / "x"
    write_private(target, b"old")
    write_private(target, b"new")
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["x"]


def test_a_failed_write_leaves_the_old_content(tmp_path):
    target = tmp_path / "x"
    write_private(target, b"old")
    with pytest.raises(TypeError):
        write_private(target, "not bytes")
    assert (target.read_bytes(), os.listdir(tmp_path)) == (b"old", ["x"])


def test_only_one_of_many_creates_a_file(tmp_path):
    won = []
    barrier = threading.Barrier(16)

    def race(name: bytes) -> None:
        barrier.wait()
        if create_once(tmp_path / "d" / "used", name):
            won.append(name)

    threads = [threading.Thread(target=race, args=(str(n).encode(),)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert (tmp_path / "d" / "used").read_bytes() == won[0]


def test_links_are_not_followed(tmp_path):
    real = tmp_path / "real"
    real.write_bytes(b"theirs")
    link = tmp_path / "link"
    link.symlink_to(real)
    with pytest.raises(OSError, match="symbolic"):
        read_private(link, 10)
    assert create_once(link, b"mine") is False
    assert real.read_bytes() == b"theirs"


def test_a_file_over_its_limit_is_not_read(tmp_path):
    (tmp_path / "x").write_bytes(b"12345")
    assert read_private(tmp_path / "x", 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_private(tmp_path / "x", 4)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x")
    with pytest.raises(OSError, match="no regular file"):
        read_private(tmp_path / "x", 4)


def test_existing_folders_are_left_alone(tmp_path):
    tmp_path.chmod(0o755)
    ensure_private_folder(tmp_path)
    assert mode(tmp_path) == 0o755
