import type { Progress } from '../api/client';
import { reachedBy, reachedOf } from './reached';

test('an event of a server that says less is none', () => {
  expect(reachedOf({}, 1)).toBeNull();
  expect(reachedOf({ percent: null, stage: null, estimatedSecondsLeft: null }, 1)).toBeNull();
  expect(reachedOf({ percent: 3 }, 1)).toEqual({ percent: 3, stage: null, secondsLeft: null, at: 1 });
});

test('the stage is the one that is queued, running or failed', () => {
  const stages = (status: string) =>
    [
      { stage: 'transcription', status: 'succeeded' },
      { stage: 'generation', status },
      { stage: 'export', status: 'not_started' },
    ] as unknown as Progress['stages'];
  const progress = (status: string) => ({ percent: 80, estimatedSecondsLeft: 5, stages: stages(status) }) as unknown as Progress;
  for (const status of ['queued', 'running', 'failed']) {
    expect(reachedBy(progress(status), 7)).toEqual({ percent: 80, stage: 'generation', secondsLeft: 5, at: 7 });
  }
  expect(reachedBy(progress('succeeded'), 7).stage).toBeNull();
});
