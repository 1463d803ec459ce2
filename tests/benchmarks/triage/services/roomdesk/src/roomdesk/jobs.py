"""Background jobs on a few worker threads."""

import queue
import threading

STOP = object()


class Jobs:
    """A queue of callables and the threads that work on it."""

    def __init__(self, workers=2, attempts=2):
        self._attempts = attempts
        self._queue = queue.Queue()
        self.failed = []
        self._threads = [
            threading.Thread(target=self._work, name=f"roomdesk-job-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, job, *args):
        """Queue a call."""
        self._queue.put((job, args))

    def wait(self, seconds=5.0):
        """Wait until everything that was queued is done."""
        done = threading.Event()

        def watch():
            self._queue.join()
            done.set()

        threading.Thread(target=watch, daemon=True).start()
        if not done.wait(seconds):
            raise TimeoutError(f"jobs did not finish within {seconds} s")

    def stop(self):
        """Finish what is queued and end the threads."""
        for _ in self._threads:
            self._queue.put(STOP)
        for thread in self._threads:
            thread.join(5)

    def _work(self):
        while True:
            item = self._queue.get()
            try:
                if item is STOP:
                    return
                self._run(*item)
            finally:
                self._queue.task_done()

    def _run(self, job, args):
        for attempt in range(1, self._attempts + 1):
            try:
                job(*args)
                return
            except Exception as error:
                if attempt == self._attempts:
                    self.failed.append((job, args, error))
