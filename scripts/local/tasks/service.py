"""The gRPC methods of `google.cloud.tasks.v2.CloudTasks` that Pegasus uses."""

import secrets
import threading
from collections.abc import Callable, Mapping

import grpc
from google.cloud import tasks_v2

from scripts.local.delivery.courier import Courier
from scripts.local.delivery.faults import DeliveryFaults
from scripts.local.delivery.push import SignToken
from scripts.local.delivery.rpc import Method, RefusedError, page
from scripts.local.tasks.dispatch import Dispatch
from scripts.local.tasks.queue import Queue, merge_queue, read_queue
from scripts.local.tasks.record import TaskRecord
from scripts.local.tasks.store import TasksStore
from scripts.local.tasks.validation import fill_task

_PAGE_SIZE = 1000


class TasksService:
    def __init__(
        self,
        store: TasksStore,
        *,
        sign_token: SignToken | None,
        faults: DeliveryFaults | None,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._clock = clock
        self._courier = Courier("tasks", faults=faults, clock=clock)
        self._dispatch = Dispatch(
            store,
            self._courier,
            find_queue=self._queue,
            sign_token=sign_token,
            clock=clock,
        )
        self._lock = threading.RLock()
        self._queues: dict[str, Queue] = {}
        for resource in store.queues():
            self._open(read_queue(resource))
            for name, due in store.waiting(resource.name):
                self._dispatch.submit(name, due)

    def start(self) -> None:
        self._courier.start()

    def stop(self) -> None:
        self._courier.stop()
        self._store.close()

    def methods(self) -> Mapping[str, Method]:
        return {
            "CreateQueue": Method(tasks_v2.CreateQueueRequest, self._create_queue),
            "GetQueue": Method(tasks_v2.GetQueueRequest, self._get_queue),
            "UpdateQueue": Method(tasks_v2.UpdateQueueRequest, self._update_queue),
            "PurgeQueue": Method(tasks_v2.PurgeQueueRequest, self._purge_queue),
            "CreateTask": Method(tasks_v2.CreateTaskRequest, self._create_task),
            "GetTask": Method(tasks_v2.GetTaskRequest, self._get_task),
            "ListTasks": Method(tasks_v2.ListTasksRequest, self._list_tasks),
            "DeleteTask": Method(tasks_v2.DeleteTaskRequest, self._delete_task),
        }

    # --- queues ---

    def _create_queue(self, request: tasks_v2.CreateQueueRequest) -> tasks_v2.Queue:
        queue = read_queue(request.queue)
        if not queue.name.startswith(f"{request.parent}/queues/"):
            raise RefusedError(
                grpc.StatusCode.INVALID_ARGUMENT, f"the queue is not in {request.parent}"
            )
        with self._lock:
            if queue.name in self._queues:
                raise RefusedError(
                    grpc.StatusCode.ALREADY_EXISTS, f"queue already exists: {queue.name}"
                )
            self._put(queue)
        return queue.resource

    def _get_queue(self, request: tasks_v2.GetQueueRequest) -> tasks_v2.Queue:
        return self._queue(request.name).resource

    def _update_queue(self, request: tasks_v2.UpdateQueueRequest) -> tasks_v2.Queue:
        """Creates the queue if need be, as Google does."""
        with self._lock:
            before = self._queues.get(request.queue.name)
            if before is None:
                queue = read_queue(request.queue)
            else:
                paths = list(request.update_mask.paths)
                queue = read_queue(merge_queue(before.resource, request.queue, paths))
            self._put(queue)
        return queue.resource

    def _purge_queue(self, request: tasks_v2.PurgeQueueRequest) -> tasks_v2.Queue:
        with self._lock:
            queue = self._queue(request.name)
            self._store.purge(queue.name, now=self._clock())
            self._courier.clear_channel(queue.name)
        return queue.resource

    def _queue(self, name: str) -> Queue:
        with self._lock:
            if name not in self._queues:
                raise RefusedError(grpc.StatusCode.NOT_FOUND, f"queue does not exist: {name}")
            return self._queues[name]

    def _put(self, queue: Queue) -> None:
        self._store.put_queue(queue.resource)
        self._open(queue)

    def _open(self, queue: Queue) -> None:
        self._queues[queue.name] = queue
        self._courier.open_channel(
            queue.name,
            max_concurrent=queue.max_concurrent_dispatches,
            rate=queue.token_bucket(),
        )

    # --- tasks ---

    def _create_task(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        now = self._clock()
        # The lock keeps a purge from falling between the file and the channel.
        with self._lock:
            queue = self._queue(request.parent)
            task = fill_task(
                request.task, queue=queue.name, fallback_id=str(secrets.randbits(63)), now=now
            )
            due = task.schedule_time.timestamp()
            if not self._store.add(queue.name, task, due=due, now=now):
                raise RefusedError(
                    grpc.StatusCode.ALREADY_EXISTS,
                    f"a task of this name exists or existed recently: {task.name}",
                )
            self._dispatch.submit(task.name, due)
        return TaskRecord(task, due).resource(request.response_view)

    def _get_task(self, request: tasks_v2.GetTaskRequest) -> tasks_v2.Task:
        record = self._store.find(request.name)
        if record is None:
            raise _no_task(request.name)
        return record.resource(request.response_view)

    def _list_tasks(self, request: tasks_v2.ListTasksRequest) -> tasks_v2.ListTasksResponse:
        names = [name for name, _ in self._store.waiting(self._queue(request.parent).name)]
        size = min(request.page_size or _PAGE_SIZE, _PAGE_SIZE)
        chosen, following = page(names, size=size, token=request.page_token)
        records = filter(None, map(self._store.find, chosen))
        return tasks_v2.ListTasksResponse(
            tasks=[record.resource(request.response_view) for record in records],
            next_page_token=following,
        )

    def _delete_task(self, request: tasks_v2.DeleteTaskRequest) -> None:
        if not self._store.remove(request.name, now=self._clock()):
            raise _no_task(request.name)


def _no_task(name: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.NOT_FOUND, f"task does not exist: {name}")
