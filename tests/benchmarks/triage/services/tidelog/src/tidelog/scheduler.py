"""Runs jobs at intervals, in a thread."""

import heapq
import itertools
import threading
import time


class Scheduler:
    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._jobs = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._thread = None
        self._stopped = False
        self.errors = []

    def every(self, seconds, name, job):
        if seconds <= 0:
            raise ValueError("interval must be positive")
        with self._wake:
            due = self._clock() + seconds
            heapq.heappush(self._jobs, (due, next(self._numbers), seconds, name, job))
            self._wake.notify()

    def run_due(self):
        """Run what is due and return the names of it."""
        ran = []
        while True:
            with self._wake:
                now = self._clock()
                if not self._jobs or self._jobs[0][0] > now:
                    return ran
                due, number, seconds, name, job = heapq.heappop(self._jobs)
                following = due + seconds if due + seconds > now else now + seconds
                heapq.heappush(self._jobs, (following, number, seconds, name, job))
            try:
                job()
            except Exception as error:
                self.errors.append((name, error))
            ran.append(name)

    def start(self):
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self):
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._thread:
            self._thread.join(2)
            self._thread = None

    def _work(self):
        while not self._stopped:
            self.run_due()
            with self._wake:
                if self._stopped:
                    return
                due = self._jobs[0][0] if self._jobs else self._clock() + 1
                self._wake.wait(max(0.001, due - self._clock()))
