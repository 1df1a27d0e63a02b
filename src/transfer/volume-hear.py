#!/usr/bin/env python3
# On the target: argv is a volume, its bytes, the bytes of a chunk, 'new' (what it has counts for nothing) or 'kept', a
# file for its progress, and a word that the file has in the end. Prints the SHA-256 of its chunks and writes those that
# come from volume-tell.py. The file has the bytes that are right so far; in the end a second line with the word, how the
# copy ended ('whole', or 'gone' on the source) and how many bytes were copied.
# with: volume-later.py
import hashlib
import os
import struct
import sys
import time
import zlib

SUM = 32


def every(size, chunk):
    return ((at, min(chunk, size - at)) for at in range(0, size, chunk))


def read(volume, at, count):
    fd = os.open(volume, os.O_RDONLY)
    try:
        parts = []
        while count:
            data = os.pread(fd, count, at)
            if not data:
                raise EOFError("%s ends at byte %d" % (volume, at))
            parts.append(data)
            at += len(data)
            count -= len(data)
        return b"".join(parts)
    finally:
        os.close(fd)


def sums(volume, chunks, new):
    if new:
        return (bytes(SUM) for _ in chunks)
    return in_order(min(4, os.cpu_count() or 1), lambda at, count: hashlib.sha256(read(volume, at, count)).digest(), chunks)


def say(volume, chunks, new):
    try:
        for one in sums(volume, chunks, new):
            sys.stdout.buffer.write(one)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        pass
    except (EOFError, OSError) as error:
        os.write(2, ("%s cannot be read: %s\n" % (volume, error)).encode())
        os._exit(1)


def exactly(count):
    data = sys.stdin.buffer.read(count)
    if len(data) != count:
        sys.exit("the copy broke off")
    return data


def content(kind, volume):
    """A chunk that differs, as it was sent."""
    digest = exactly(SUM)
    data = exactly(struct.unpack(">I", exactly(4))[0])
    try:
        data = zlib.decompress(data) if kind == b"z" else data
    except zlib.error:
        data = b""
    if hashlib.sha256(data).digest() != digest:
        sys.exit("a chunk of %s did not arrive as it was sent" % volume)
    return data


class Progress:
    def __init__(self, name):
        self.name = name
        self.next = 0.0

    def tell(self, done):
        if time.monotonic() >= self.next:
            self.write("%d\n" % done)
            self.next = time.monotonic() + 1

    def write(self, text):
        with open(self.name + ".new", "w", encoding="ascii") as out:
            out.write(text)
        os.rename(self.name + ".new", self.name)


def put(fd, at, data):
    view = memoryview(data)
    while view:
        count = os.pwrite(fd, view, at)
        at += count
        view = view[count:]


def receive(fd, volume, chunks, progress):
    """How it ended, and how many bytes were copied."""
    copied = 0
    for at, count in chunks:
        kind = exactly(1)
        if kind == b"-":
            return "gone", copied
        if kind != b"=":
            data = bytes(count) if kind == b"0" else content(kind, volume)
            if len(data) != count:
                sys.exit("a chunk of %s has %d bytes instead of %d" % (volume, len(data), count))
            # Zeros that a thin volume has without a block for them take none.
            if kind != b"0" or read(volume, at, count) != data:
                put(fd, at, data)
            copied += count
        progress.tell(at + count)
    if exactly(1) != b".":
        sys.exit("the copy of %s does not end where it has to" % volume)
    return "whole", copied


def main(volume, size, chunk, how, name, word):
    sizes = (int(size), int(chunk))
    progress = Progress(name)
    progress.tell(0)
    # Not made where it is missing: that would be a file under /dev.
    fd = os.open(volume, os.O_RDWR)
    # What is on the disk counts, not what is in the memory.
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    Later(say, (volume, every(*sizes), how == "new"))
    end, copied = receive(fd, volume, every(*sizes), progress)
    os.fsync(fd)
    os.close(fd)
    # The sender ends first.
    while sys.stdin.buffer.read(1 << 16):
        pass
    progress.write("%d\n%s %s %d\n" % (sizes[0], word, end, copied))
    sys.stdout.flush()
    os._exit(0)


try:
    main(*sys.argv[1:])
except (EOFError, OSError) as error:
    sys.exit("%s cannot be written: %s" % (sys.argv[1], error))
