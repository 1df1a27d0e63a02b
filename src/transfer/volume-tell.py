#!/usr/bin/env python3
# On the source: argv is a volume, its bytes, the bytes of a chunk, bytes a second (0: no limit), and 'serving' or
# 'frozen'. Only reads. stdin has the SHA-256 of the target's chunks, 32 bytes each; chunks that differ go to stdout. The
# stream has a byte for each chunk: '=' equal, '0' only zeros, 'r' raw and 'z' compressed, each with SHA-256, length and
# content behind it; at the end '.', or '-' if a serving source has removed the volume. Python 2.7 and 3.
# with: volume-later.py
import errno
import hashlib
import multiprocessing
import os
import struct
import sys
import time
import zlib

SUM = 32
SAMPLE = 1 << 16
GONE = (errno.ENOENT, errno.ENXIO, errno.ENODEV)

clock = getattr(time, "monotonic", time.time)
stdin = getattr(sys.stdin, "buffer", sys.stdin)
stdout = getattr(sys.stdout, "buffer", sys.stdout)


class Pace:
    """Holds a rate; time that was not used for sending is not made up for."""

    def __init__(self, rate):
        self.rate = rate
        self.next = clock()

    def wait(self, count):
        if self.rate == 0:
            return
        now = clock()
        self.next = max(self.next, now) + float(count) / self.rate
        if self.next > now:
            time.sleep(self.next - now)


class Gone(Exception):
    pass


def read(volume, at, count, serving):
    """
    The volume is open only that long: LVM removes none that is open, and whoever uses the cloud may delete this one.
    """
    try:
        fd = os.open(volume, os.O_RDONLY)
    except (IOError, OSError) as error:
        if serving and error.errno in GONE:
            raise Gone()
        raise
    try:
        os.lseek(fd, at, os.SEEK_SET)
        parts = []
        left = count
        while left:
            data = os.read(fd, left)
            if not data:
                raise EOFError("%s ends before byte %d" % (volume, at + count))
            parts.append(data)
            left -= len(data)
        if serving and hasattr(os, "posix_fadvise"):
            # The source's memory is for what it serves.
            os.posix_fadvise(fd, at, count, os.POSIX_FADV_DONTNEED)
        return b"".join(parts)
    finally:
        os.close(fd)


def packed(data):
    """Compressed, unless its beginning shows that this is not worth it."""
    sample = data[:SAMPLE]
    if len(zlib.compress(sample, 1)) > len(sample) * 0.9:
        return b"r", data
    return b"z", zlib.compress(data, 1)


def frame(data, theirs):
    digest = hashlib.sha256(data).digest()
    if digest == theirs:
        return b"="
    if not data.strip(b"\0"):
        return b"0"
    kind, content = packed(data)
    return kind + digest + struct.pack(">I", len(content)) + content


def next_sum():
    data = stdin.read(SUM)
    if len(data) != SUM:
        # What the target says of it is told before this.
        time.sleep(60)
        sys.exit("the target's sums broke off")
    return data


def frames(volume, size, chunk, rate, serving):
    """In order; some are made side by side, where nobody else needs the processors."""
    workers = 0 if serving else min(4, multiprocessing.cpu_count())
    pace = Pace(rate)

    def wanted():
        at = 0
        while at < size:
            count = min(chunk, size - at)
            pace.wait(count)
            yield at, count, next_sum()
            at += count

    return in_order(workers, lambda at, count, theirs: frame(read(volume, at, count, serving), theirs), wanted())


def main(volume, size, chunk, rate, how):
    try:
        for one in frames(volume, int(size), int(chunk), int(rate), how == "serving"):
            stdout.write(one)
            stdout.flush()
        stdout.write(b".")
    except Gone:
        stdout.write(b"-")
    except (EOFError, IOError, OSError) as error:
        sys.exit("%s cannot be read: %s" % (volume, getattr(error, "strerror", None) or error))
    stdout.flush()


main(*sys.argv[1:])
