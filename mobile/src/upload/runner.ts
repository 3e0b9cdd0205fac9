import { type Machine, type Step, begin, restore, step } from './machine';
import type { Command, Event, Network, Result, Upload } from './types';

export interface RunnerPorts {
  /** Rejects if `signal` is aborted. */
  perform(command: Command, upload: Upload, signal: AbortSignal): Promise<Result>;
  /** Stores the upload; the runner waits for it before the next request. */
  save(upload: Upload): Promise<void>;
  now(): number;
  random(): number;
  /** Calls `then` at the time; returns what cancels it. */
  schedule(at: number, then: () => void): () => void;
  changed(machine: Machine): void;
  /** A defect, not a failed upload. */
  defect(error: unknown): void;
}

/** Drives one machine: carries its commands out, stores each state, and gives the results back. */
export class Runner {
  private machine: Machine;
  private abort: AbortController | null = null;
  private unschedule: (() => void) | null = null;
  private stopped = false;
  private stored: Promise<void> = Promise.resolve();

  constructor(
    upload: Upload,
    network: Network,
    wifiOnly: boolean,
    private readonly ports: RunnerPorts,
  ) {
    this.machine = restore(upload, network, wifiOnly);
  }

  get state(): Machine {
    return this.machine;
  }

  start(): void {
    this.follow(begin(this.machine, this.ports.now()));
  }

  dispatch(event: Event): void {
    if (this.stopped) return;
    this.follow(step(this.machine, event, this.ports.now(), this.ports.random()));
  }

  /** Ends without another event; what was stored goes on at the next start. */
  stop(): void {
    this.stopped = true;
    this.abort?.abort();
    this.unschedule?.();
  }

  private follow({ machine, command, cancel, wakeAt }: Step): void {
    const changed = machine.upload !== this.machine.upload;
    this.machine = machine;
    this.unschedule?.();
    this.unschedule = null;
    if (cancel !== null) this.abort?.abort();
    if (changed) this.store(machine.upload);
    this.ports.changed(machine);
    if (wakeAt !== null) this.unschedule = this.ports.schedule(wakeAt, () => this.dispatch({ kind: 'wake' }));
    if (command !== null) this.run(command, machine.upload).catch(this.ports.defect);
  }

  private store(upload: Upload): void {
    // An upload that cannot be stored goes on: after a restart it would only begin further back.
    this.stored = this.stored.then(() => this.ports.save(upload)).catch(this.ports.defect);
  }

  private async run(command: Command, upload: Upload): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    let result: Result;
    try {
      await this.stored;
      if (abort.signal.aborted) return;
      result = await this.ports.perform(command, upload, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      throw error;
    }
    this.dispatch({ kind: 'result', n: command.n, result });
  }
}
