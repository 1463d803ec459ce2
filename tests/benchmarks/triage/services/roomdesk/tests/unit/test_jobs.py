import threading

from roomdesk.jobs import Jobs


def test_jobs_are_done():
    jobs, done = Jobs(3), []
    for number in range(20):
        jobs.put(done.append, number)
    jobs.wait()
    jobs.stop()
    assert sorted(done) == list(range(20))


def test_job_is_tried_again():
    jobs, calls = Jobs(1, attempts=3), []

    def flaky():
        calls.append(1)
        if len(calls) < 3:
            raise OSError("not yet")

    jobs.put(flaky)
    jobs.wait()
    jobs.stop()
    assert len(calls) == 3
    assert jobs.failed == []


def test_failure_is_kept():
    jobs = Jobs(1)
    jobs.put(int, "x")
    jobs.wait()
    jobs.stop()
    assert [type(error) for _, _, error in jobs.failed] == [ValueError]


def test_stop_ends_threads():
    jobs = Jobs(2)
    jobs.stop()
    assert not [one for one in threading.enumerate() if one in jobs._threads]
