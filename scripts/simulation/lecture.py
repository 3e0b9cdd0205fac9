"""One lecture on its way through the stages, as docs/how-a-lecture-travels.md describes it."""

from dataclasses import dataclass

from simpy import Process
from simpy.events import ProcessGenerator

from functions.transcribe.speech.planning import segment_length
from scripts.cost.figures import setting
from scripts.cost.lecture import material_tokens
from scripts.simulation.instances import TransientError, Work, Worker
from scripts.simulation.jobs import Job, LostError
from scripts.simulation.world import World


@dataclass
class Journey:
    """When a lecture came where, in seconds; None where it did not."""

    hours: float
    uploaded: float
    cut: float | None = None
    transcribed: float | None = None
    material: float | None = None
    files: float | None = None


def travel(world: World, journey: Journey) -> ProcessGenerator:
    """From the moment the recording is in the bucket. A lecture that fails has a journey that
    stops where it did."""
    env, work = world.env, Steps(world, journey.hours)

    def stage(topic: str, function: str, step: Work) -> ProcessGenerator:
        job = Job(
            world,
            world.push[topic],
            world.instances[function],
            step,
            max_attempts=setting("plc_job_max_attempts"),
        )
        return job.do()

    try:
        yield from stage("uploads", "ingest-on-upload", work.check)
        yield from stage("transcribe", "transcribe", work.cut)
        journey.cut = env.now
        yield env.all_of(work.segments)
        if not all(segment.value for segment in work.segments):
            return
        # By the worker of the last segment, in the same request.
        yield env.timeout(world.taking(journey.hours * world.measured.joining.value))
        journey.transcribed = env.now
        yield from stage("generate", "generate", work.write)
        journey.material = env.now
        yield from stage("export", "export", work.export)
        journey.files = env.now
    except LostError:
        return


class Steps:
    """What each stage does for this lecture. Work of an earlier attempt is not done twice."""

    def __init__(self, world: World, hours: float) -> None:
        self._world = world
        self._hours = hours
        self._pieces = even_pieces(hours, world.segment_workers)
        self.segments: list[Process] = []
        tokens = material_tokens(world.measured.material_tokens, hours)
        self._tokens = tokens.input + tokens.output
        self._writing_sec = tokens.output / (
            world.assumed.model_speed.value * setting("plc_llm_concurrency")
        )

    def check(self, worker: Worker) -> ProcessGenerator:
        yield from worker.work(self._world.taking(self._world.measured.upload_check.value))

    def cut(self, worker: Worker) -> ProcessGenerator:
        """Each segment is queued as soon as it is cut off."""
        world = self._world
        for index, hours in enumerate(self._pieces):
            yield from worker.work(world.taking(hours * world.measured.cutting.value))
            if index == len(self.segments):
                self.segments.append(world.env.process(self._segment(hours)))

    def _segment(self, hours: float) -> ProcessGenerator:
        world = self._world

        def recognize(worker: Worker) -> ProcessGenerator:
            yield from worker.work(world.taking(hours * world.measured.recognizing.value))

        segment = Job(
            world,
            world.tasks,
            world.segment_instances,
            recognize,
            max_attempts=setting("plc_segment_max_attempts"),
        )
        try:
            yield from segment.do()
        except LostError:
            return False
        return True

    def write(self, worker: Worker) -> ProcessGenerator:
        world = self._world
        if world.conditions.extractive:
            yield from worker.work(world.taking(self._hours * world.measured.extractive.value))
            return
        if world.rng.random() < world.conditions.refusals:
            raise TransientError
        yield from world.endpoint.ask(worker, self._tokens)
        yield from worker.work(world.assumed.model_wait.value + self._writing_sec)

    def export(self, worker: Worker) -> ProcessGenerator:
        world = self._world
        yield from worker.work(world.taking(self._hours * world.measured.exporting.value))


def even_pieces(hours: float, workers: int) -> list[float]:
    """Hours of each segment, as functions/transcribe/speech/planning.py has them."""
    length = segment_length(
        hours * 3600, workers=workers, longest_sec=setting("plc_segment_target_sec")
    )
    count = max(1, round(hours * 3600 / length))
    return [hours / count] * count
