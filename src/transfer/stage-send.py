#!/usr/bin/env python3
# On the source, in a tree: sends the files named on stdin (NUL-terminated), at most argv[1] bytes a second (0: no limit).
# Only reads. Python 3.6. The stream consists of frames, each with its length before it: for a file a JSON head, its
# content, an empty frame, and a JSON tail with its SHA-256; at the end a JSON frame {"end": true}.
import errno
import grp
import hashlib
import json
import os
import pwd
import stat
import struct
import sys
import time

CHUNK = 1 << 18
# Seconds. A file system's clock may count in whole seconds: what is written within one leaves the ctime as it is.
COARSE = 2


def key(seen):
    """As `find -printf '%s %T@ %C@ %i'` prints it."""
    times = ["%d.%09d0" % divmod(one, 10**9) for one in (seen.st_mtime_ns, seen.st_ctime_ns)]
    return "%d %s %s %d" % (seen.st_size, times[0], times[1], seen.st_ino)


def put(data):
    sys.stdout.buffer.write(struct.pack(">I", len(data)) + data)


def say(**words):
    put(json.dumps(words).encode("ascii"))


class Pace:
    """Holds a rate; time that was not used for sending is not made up for."""

    def __init__(self, rate):
        self.rate = rate
        self.next = time.monotonic()

    def wait(self, count):
        if self.rate == 0:
            return
        now = time.monotonic()
        self.next = max(self.next, now) + float(count) / self.rate
        if self.next > now:
            time.sleep(self.next - now)


def opened(name):
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        return os.open(name, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(name, flags)


def settled(fd):
    """The file's state once nobody has written to it for a moment; None: somebody still does, or it is no file."""
    for _ in range(2):
        seen = os.fstat(fd)
        if not stat.S_ISREG(seen.st_mode) or seen.st_nlink != 1:
            return None
        age = time.time() - seen.st_ctime
        if age >= COARSE:
            return seen
        time.sleep(min(COARSE, COARSE - age))
    return None


def named(ask, number):
    try:
        return ask(number)[0]
    except KeyError:
        return ""


def send(name, pace):
    try:
        fd = opened(name)
    except OSError as error:
        # Removed, or replaced by something else: the freeze copies what is there then.
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
            return
        raise
    try:
        before = settled(fd)
        if before is None:
            return
        say(
            path=name.decode("utf-8", "surrogateescape"), key=key(before), size=before.st_size,
            mode=stat.S_IMODE(before.st_mode), mtime=before.st_mtime_ns, uid=before.st_uid, gid=before.st_gid,
            user=named(pwd.getpwuid, before.st_uid), group=named(grp.getgrgid, before.st_gid),
        )
        digest = hashlib.sha256()
        at = 0
        while True:
            data = os.read(fd, CHUNK)
            if not data:
                break
            digest.update(data)
            put(data)
            # The source's memory is for what it serves.
            os.posix_fadvise(fd, at, len(data), os.POSIX_FADV_DONTNEED)
            at += len(data)
            pace.wait(len(data))
        put(b"")
        say(same=key(before) == key(os.fstat(fd)) and at == before.st_size, sum=digest.hexdigest())
    finally:
        os.close(fd)


pace = Pace(int(sys.argv[1]))
for name in sys.stdin.buffer.read().split(b"\0"):
    if name:
        try:
            send(name, pace)
        except BrokenPipeError:
            os._exit(1)
        except OSError as error:
            sys.exit("%s cannot be read: %s" % (ascii(name), error.strerror))
say(end=True)
sys.stdout.buffer.flush()
