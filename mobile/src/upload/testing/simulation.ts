import { type Machine, type Step, begin, blocked, newUpload, restore, step } from '../machine';
import type { Command, Event, Network, Upload } from '../types';
import { type Fault, FakeServer } from './fake-server';

/** What happens around a command: before its answer arrives, or instead of it. */
export type Surprise =
  | { readonly kind: 'answer' }
  /** The app is killed, before or after the server has done it, and started again later. */
  | { readonly kind: 'killed'; readonly done: boolean }
  | { readonly kind: 'paused'; readonly done: boolean }
  | { readonly kind: 'network'; readonly network: Network; readonly done: boolean };

export interface Turn {
  readonly fault: Fault;
  readonly surprise: Surprise;
}

const TARGET = { courseId: 'c', courseTitle: null, lectureId: 'l', title: null, presetId: 'exam' };

export const MARKS = [3, 12.5];

/** Runs one upload against a fake server in simulated time. */
export class Simulation {
  readonly server: FakeServer;
  /** Commands that were given although nothing may be sent. */
  readonly forbidden: Command[] = [];
  readonly phases: Upload['phase'][] = [];
  retries = 0;
  steps = 0;
  now = 0;

  private machine: Machine;
  private stored: Upload;

  constructor(size: number, wifiOnly: boolean, delay: number) {
    const bytes = new Uint8Array(size);
    // Every piece differs, so that pieces in the wrong place show in the checksum.
    for (let index = 0; index < size; index += 997) bytes[index] = (index * 31 + (index >>> 8)) & 255;
    this.server = new FakeServer(bytes, delay);
    this.stored = newUpload({
      id: 'u',
      server: 'https://api.test',
      announceKey: 'key-0',
      file: { size, contentType: 'audio/webm' },
      target: TARGET,
      marks: MARKS,
    });
    this.machine = restore(this.stored, 'unmetered', wifiOnly);
  }

  get upload(): Upload {
    return this.machine.upload;
  }

  /** Runs the turns, then without faults to the end. Returns the steps that the undisturbed rest took. */
  run(turns: readonly Turn[], limit: number): number {
    const script = [...turns];
    let made = this.follow(begin(this.machine, this.now));
    let undisturbed = 0;
    while (this.upload.phase !== 'confirmed') {
      if (script.length === 0 && (undisturbed += 1) > limit) throw new Error(`stuck in ${this.upload.phase}`);
      this.steps += 1;
      if (made.command !== null) {
        const turn = script.shift() ?? { fault: { kind: 'none' }, surprise: { kind: 'answer' } };
        made = this.turn(made.command, turn);
      } else if (made.wakeAt !== null) {
        this.now = made.wakeAt;
        made = this.dispatch({ kind: 'wake' });
      } else {
        made = this.unblock();
      }
    }
    return undisturbed;
  }

  private turn(command: Command, { fault, surprise }: Turn): Step {
    this.now += 1_000;
    if (surprise.kind === 'answer') return this.result(command, fault);
    const result = surprise.done ? this.server.answer(command, this.upload, fault) : null;
    if (surprise.kind === 'killed') {
      this.machine = restore(this.stored, this.machine.network, this.machine.wifiOnly);
      return this.follow(begin(this.machine, this.now));
    }
    const made = this.dispatch(
      surprise.kind === 'paused' ? { kind: 'pause' } : { kind: 'network', network: surprise.network },
    );
    if (made.cancel === command.n) {
      // The result of what was cancelled comes in nevertheless.
      if (result !== null) return this.dispatch({ kind: 'result', n: command.n, result });
      return made;
    }
    if (made.command !== null) throw new Error('a second command at a time');
    return result === null ? this.result(command, fault) : this.dispatch({ kind: 'result', n: command.n, result });
  }

  private result(command: Command, fault: Fault): Step {
    const result = this.server.answer(command, this.upload, fault);
    return this.dispatch({ kind: 'result', n: command.n, result });
  }

  private unblock(): Step {
    const why = blocked(this.machine);
    if (why === 'paused') return this.dispatch({ kind: 'resume' });
    if (why === 'offline') return this.dispatch({ kind: 'network', network: 'metered' });
    if (why === 'waiting_for_wifi') return this.dispatch({ kind: 'network', network: 'unmetered' });
    this.retries += 1;
    return this.dispatch({ kind: 'retry', announceKey: `key-${this.retries}` });
  }

  private dispatch(event: Event): Step {
    return this.follow(step(this.machine, event, this.now, 0.5));
  }

  private follow(made: Step): Step {
    this.machine = made.machine;
    this.stored = made.machine.upload;
    this.phases.push(made.machine.upload.phase);
    if (made.command !== null && blocked(made.machine) !== null) this.forbidden.push(made.command);
    return made;
  }
}
