#!/usr/bin/env python3
# `in_order`: the results of a call for each of many arguments, `workers` of them made at the same time. Threads suffice:
# reading, hashing and compressing let others run. Python's own pools need /dev/shm. Python 2.7 and 3.
import collections
import threading


class Later(threading.Thread):
    def __init__(self, call, args):
        threading.Thread.__init__(self)
        self.daemon = True
        self.work = (call, args)
        self.result = self.error = None
        self.start()

    def run(self):
        call, args = self.work
        try:
            self.result = call(*args)
        except Exception as error:
            self.error = error

    def get(self):
        self.join()
        if self.error is not None:
            raise self.error
        return self.result


def in_order(workers, call, every):
    pending = collections.deque()
    for args in every:
        pending.append(Later(call, args))
        if len(pending) > workers:
            yield pending.popleft().get()
    while pending:
        yield pending.popleft().get()


