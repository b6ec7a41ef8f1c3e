"""What the audit folder asks of a disk: links never followed, whole writes or none, bytes that are really there."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from harness_cli.core.limits import AUDIT_FILE_BYTES
from harness_cli.files import ensure_private_folder, sync_folder

APPEND = os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "glusterfs", "fuse.sshfs", "fuse.glusterfs"}
)


class ShortWriteError(OSError):
    """The disk took a part of a line: that is how most disks say that they are full."""


class FlushError(OSError):
    """Bytes may or may not be on the disk, and asking again would lie (a failed fsync forgets its pages)."""


def open_append(path: Path, *, new: bool = False) -> int:
    """A descriptor that only appends; `new` refuses a file that is there. Raises OSError."""
    flags = os.O_RDWR | os.O_CREAT | APPEND | (os.O_EXCL if new else 0)
    return _checked(os.open(path, flags, 0o600), path)


def open_existing(path: Path) -> int:
    """A descriptor to read and append to a file that is there. Raises OSError."""
    return _checked(os.open(path, os.O_RDWR | APPEND), path)


def append_whole(descriptor: int, content: bytes) -> None:
    """One write of everything. Raises OSError (ShortWriteError where only a part was taken)."""
    if os.write(descriptor, content) != len(content):
        raise ShortWriteError(errno.ENOSPC, "short write: no space left")


def make_durable(descriptor: int) -> None:
    """Return when the file's bytes are on the disk. Raises FlushError: never to be tried again on this descriptor."""
    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: fsync alone leaves bytes in the drive
    try:
        if full is not None:
            fcntl.fcntl(descriptor, full)
        elif hasattr(os, "fdatasync"):
            os.fdatasync(descriptor)
        else:
            os.fsync(descriptor)
    except OSError as err:
        raise FlushError(err.errno, err.strerror) from err


def open_at_once(path: Path) -> BinaryIO:
    """A file to read from, without waiting where it is a pipe. Raises OSError."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")


def read_whole(path: Path, limit: int = AUDIT_FILE_BYTES) -> bytes:
    """The bytes of a regular file of at most `limit` bytes, its last link not followed. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(path))
        if found.st_size > limit:  # a hole costs its maker nothing, and whoever reads it all of his memory
            raise OSError(errno.EFBIG, f"larger than {limit} bytes", str(path))
        try:
            return file.read()
        except MemoryError as err:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), str(path)) from err


def replace_whole(path: Path, content: bytes, *, durable: bool) -> None:
    """Replace a small file at once; `durable` returns when that is on the disk. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            append_whole(descriptor, content)
            if durable:
                make_durable(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def ensure_own_folders(root: Path, *parts: str) -> Path:
    """`root/parts…`, made 0700 where missing; none of them may be a link. Raises OSError."""
    ensure_private_folder(root)
    folder = root
    for part in ("", *parts):
        folder = folder / part if part else folder
        if not os.path.lexists(folder):
            ensure_private_folder(folder)
            sync_folder(folder.parent)
        if folder.is_symlink() or not folder.is_dir():
            raise NotADirectoryError(20, "a link or a file stands where a folder belongs", str(folder))
    return folder


def try_lock(descriptor: int) -> bool:
    """Take the exclusive lock of a file if nobody holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(descriptor: int, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a file, waiting for it."""
    fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write there."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def file_system_of(folder: Path, table: Path = Path("/proc/self/mountinfo")) -> str:
    """The type of the file system under a folder; "" where the system does not tell."""
    try:
        device = folder.stat().st_dev
        rows = table.read_text().splitlines()
    except OSError:
        return ""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for row in rows:
        left, _, right = row.partition(" - ")
        if left.split()[2:3] == [wanted]:
            return right.split()[0]
    return ""


def _checked(descriptor: int, path: Path) -> int:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_uid != os.geteuid():
        os.close(descriptor)
        raise OSError(1, "not a regular file of ours with one name", str(path))
    return descriptor
