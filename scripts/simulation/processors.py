"""Processors that everything on one machine shares: in the cloud each instance has its own."""

from simpy import Environment, Resource
from simpy.events import ProcessGenerator

SLICE_SEC = 0.25


class Processors:
    def __init__(self, env: Environment, count: int) -> None:
        self._env = env
        self._free = Resource(env, capacity=count)

    def work(self, seconds: float) -> ProcessGenerator:
        """Take turns with the others until it is done."""
        left = seconds
        while left > 0:
            with self._free.request() as turn:
                yield turn
                taken = min(SLICE_SEC, left)
                yield self._env.timeout(taken)
                left -= taken
