"""What the stand-ins' stores answer, on every Python that CI has: its `sqlite3` differs."""

from pathlib import Path

from google import pubsub_v1
from google.cloud import tasks_v2

from scripts.local.pubsub.store import NewMessage, PubSubStore
from scripts.local.tasks.store import TasksStore

QUEUE = "projects/p/locations/l/queues/q"
SUBSCRIPTION = "projects/p/subscriptions/s"


def test_a_tasks_name_is_taken_while_it_waits(tmp_path: Path) -> None:
    store = TasksStore(tmp_path / "tasks")
    store.put_queue(tasks_v2.Queue(name=QUEUE))
    task = tasks_v2.Task(name=f"{QUEUE}/tasks/t")

    taken = [store.add(QUEUE, task, due=1.0, now=1.0) for _ in range(2)]

    store.close()
    assert taken == [True, False]


def test_what_is_due_is_told_from_all_that_waits(tmp_path: Path) -> None:
    store = PubSubStore(tmp_path / "messages")
    store.put_subscription(pubsub_v1.Subscription(name=SUBSCRIPTION))
    for moment in (1.0, 2.0):
        store.publish([NewMessage(b"{}", {})], [SUBSCRIPTION], moment)

    found = [
        [each.due for each in store.pending(SUBSCRIPTION, due_by=due_by)]
        for due_by in (None, 1.0, 0.5)
    ]

    store.close()
    assert found == [[1.0, 2.0], [1.0], []]
