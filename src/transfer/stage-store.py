#!/usr/bin/env python3
# On the target, in a tree: its staging place, argv[2]. There STAGE/list has a JSON line for each change, of which the
# latest about a path counts: the key of the source's file (size, mtime, ctime, inode, as `find` prints them) whose content
# has this SHA-256, and the key that the copy had when it was last proved to have it. The copies are named by a hash of
# their path. Nobody but root reaches them until they are linked into the tree.
import errno
import grp
import hashlib
import json
import os
import pwd
import struct
import sys

CHUNK = 1 << 20
ZEROS = bytes(CHUNK)


def key(seen):
    """As `find -printf '%s %T@ %C@ %i'` prints it."""
    times = ["%d.%09d0" % divmod(one, 10**9) for one in (seen.st_mtime_ns, seen.st_ctime_ns)]
    return "%d %s %s %d" % (seen.st_size, times[0], times[1], seen.st_ino)


def looked(path):
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def kept(directory):
    """Waits until a directory's entries are on the disk."""
    fd = os.open(directory, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


class Store:
    def __init__(self, place):
        self.place = place
        self.list = os.path.join(place, "list")
        self.known = {}
        self.whole = True
        for line in self.lines():
            try:
                record = json.loads(line)
            except ValueError:
                # Cut off by a crash, with what may follow it.
                self.whole = False
                break
            if "sum" in record:
                self.known[record["path"]] = record
            else:
                self.known.pop(record["path"], None)

    def lines(self):
        if not os.path.exists(self.list):
            return []
        with open(self.list, encoding="ascii") as lines:
            *lines, last = lines.read().split("\n")
            return lines + ([last] if last else [])

    def file(self, path):
        return os.path.join(self.place, hashlib.sha256(os.fsencode(path)).hexdigest())

    def write(self, name, records, how):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | how, 0o600)
        with os.fdopen(fd, "w", encoding="ascii") as out:
            out.write("".join(json.dumps(one) + "\n" for one in records))
            out.flush()
            os.fsync(out.fileno())

    def rewrite(self):
        """One line for each file, and nothing in the place that has none."""
        self.write(self.list + ".new", self.known.values(), os.O_TRUNC)
        os.rename(self.list + ".new", self.list)
        names = {os.path.basename(self.file(path)) for path in self.known} | {"list"}
        for name in os.listdir(self.place):
            if name not in names:
                os.unlink(os.path.join(self.place, name))
        kept(self.place)

    def add(self, record):
        self.known[record["path"]] = record
        self.write(self.list, [record], os.O_APPEND)

    def drop(self, path):
        del self.known[path]
        self.write(self.list, [{"path": path}], os.O_APPEND)
        if looked(self.file(path)):
            os.unlink(self.file(path))

    def state(self, record):
        """'unproved', or else 'linked' if the tree has it, or 'ready'."""
        seen = looked(self.file(record["path"]))
        if seen is None or record["target"] != key(seen):
            return "unproved"
        there = looked(record["path"])
        same = there is not None and (there.st_dev, there.st_ino) == (seen.st_dev, seen.st_ino)
        return "linked" if same else "ready"

    def again(self, record):
        """After the number of its links changed, which changes its ctime."""
        self.add(dict(record, target=key(os.lstat(self.file(record["path"])))))


def frames(stream):
    def exactly(count):
        data = stream.read(count)
        if len(data) != count:
            sys.exit("the copy broke off")
        return data

    while True:
        yield exactly(struct.unpack(">I", exactly(4))[0])


def owner(head):
    def number(ask, name, otherwise):
        try:
            return ask(name)
        except KeyError:
            return otherwise

    return (
        number(lambda name: pwd.getpwnam(name).pw_uid, head["user"], head["uid"]),
        number(lambda name: grp.getgrnam(name).gr_gid, head["group"], head["gid"]),
    )


def looks(seen):
    """What the source's file had besides its content."""
    return [seen.st_mode & 0o7777, seen.st_uid, seen.st_gid, seen.st_mtime_ns]


def write_part(fd, stream, digest):
    """The content of a file, with holes where it has only zeros; its size."""
    size = 0
    for data in stream:
        if not data:
            break
        digest.update(data)
        if data == ZEROS[:len(data)]:
            os.lseek(fd, len(data), os.SEEK_CUR)
        else:
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view):]
        size += len(data)
    os.ftruncate(fd, size)
    return size


def receive(store, stream):
    part = os.path.join(store.place, "part")
    for raw in stream:
        head = json.loads(raw)
        if "end" in head:
            return
        path = head["path"]
        if path in store.known:
            store.drop(path)
        digest = hashlib.sha256()
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            size = write_part(fd, stream, digest)
            tail = json.loads(next(stream))
            if not tail["same"]:
                continue
            if (digest.hexdigest(), size) != (tail["sum"], head["size"]):
                sys.exit("%s did not arrive as it was sent" % ascii(path))
            os.fchown(fd, *owner(head))
            os.fchmod(fd, head["mode"])
            os.utime(fd, ns=(head["mtime"], head["mtime"]))
            os.fsync(fd)
            looked_like = looks(os.fstat(fd))
        finally:
            os.close(fd)
        os.rename(part, store.file(path))
        kept(store.place)
        store.add({"path": path, "source": head["key"], "sum": tail["sum"], "looks": looked_like, "target": ""})
        store.left -= size


def digest_of(name):
    """Of what is on the disk, not in the memory."""
    digest = hashlib.sha256()
    fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        while True:
            data = os.read(fd, CHUNK)
            if not data:
                return digest.hexdigest()
            digest.update(data)
    finally:
        os.close(fd)


def prove(store):
    for record in list(store.known.values()):
        if store.state(record) != "unproved":
            continue
        name = store.file(record["path"])
        before = looked(name)
        same = before is not None and looks(before) == record["looks"] and digest_of(name) == record["sum"]
        if same and key(before) == key(os.lstat(name)):
            store.add(dict(record, target=key(before)))
        else:
            store.drop(record["path"])
    store.rewrite()


def release(store):
    """Takes the files out of the tree again, and keeps them proved."""
    for record in list(store.known.values()):
        if store.state(record) == "linked":
            os.unlink(record["path"])
            store.again(record)


def link(store, names):
    for path in names:
        record = store.known.get(path)
        if record is None or store.state(record) != "ready":
            sys.exit("the staged %s is no longer what it was. Run the same command again" % ascii(path))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.link(store.file(path), path)
        store.again(record)


def show(store):
    """For each file its state, both keys and its path; all NUL-terminated."""
    for record in store.known.values():
        for word in (store.state(record), record["source"], record["target"], record["path"]):
            sys.stdout.buffer.write(os.fsencode(word) + b"\0")


def names():
    return [os.fsdecode(raw) for raw in sys.stdin.buffer.read().split(b"\0") if raw]


def main(call, place, expected="0"):
    store = Store(place)
    # bytes that are still to come
    store.left = int(expected)
    try:
        if call != "show" and not store.whole:
            store.rewrite()
        if call == "receive":
            receive(store, frames(sys.stdin.buffer))
        elif call == "link":
            link(store, names())
        elif call == "drop":
            for path in names():
                if path in store.known:
                    store.drop(path)
            store.rewrite()
        else:
            {"show": show, "prove": prove, "release": release}[call](store)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        part = os.path.join(place, "part")
        if looked(part):
            os.unlink(part)
        disk = os.statvfs(place)
        sys.exit("no space left in %s: %.3f GB are still to come, %.3f GB are free. Free space there" % (
            os.path.abspath(place), store.left / 1e9, disk.f_bavail * disk.f_frsize / 1e9))


main(*sys.argv[1:])
