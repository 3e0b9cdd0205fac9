import type { Api } from '../api/client';
import type { Clock } from '../api/send';
import { Observable } from '../app/observable';
import { type Blocked, type Machine, blocked } from './machine';
import { perform } from './perform';
import type { FileSource, NetworkMonitor, Storage, UploadStore } from './ports';
import { type Rate, measured, secondsLeft, startRate } from './rate';
import { Runner } from './runner';
import { Turns } from './turns';
import type { Command, Event, Result, Upload } from './types';

export interface QueuedUpload {
  readonly upload: Upload;
  readonly blocked: Blocked | null;
  readonly bytesPerSec: number | null;
  readonly secondsLeft: number | null;
}

export interface QueuePorts {
  readonly store: UploadStore;
  readonly storage: Storage;
  readonly network: NetworkMonitor;
  readonly clock: Clock;
  file(id: string): Promise<FileSource>;
  /** The API at the address that the upload was announced to. */
  api(server: string): Api;
  /** Each change of an upload. */
  changed(upload: Upload): void;
  defect(error: unknown): void;
}

/** What takes the connection or the disk. */
const ALONE: ReadonlySet<string> = new Set<Command['kind'] & Upload['phase']>(['checksum', 'send']);

interface Entry {
  readonly runner: Runner;
  readonly order: number;
  rate: Rate;
}

/** The uploads of this device. They are carried out side by side, but one sends or reads at a time: the oldest first. */
export class UploadQueue {
  private readonly list = new Observable<readonly QueuedUpload[]>([]);
  private readonly entries = new Map<string, Entry>();
  private readonly turns = new Turns();
  private added = 0;
  private wifiOnly = false;

  readonly get = this.list.get;
  readonly subscribe = this.list.subscribe;

  constructor(private readonly ports: QueuePorts) {}

  /** Goes on with what was stored. */
  async start(): Promise<void> {
    this.ports.network.subscribe(() => this.toAll({ kind: 'network', network: this.ports.network.current() }));
    for (const upload of await this.ports.store.all()) this.begin(upload);
  }

  /** The upload is stored before this resolves: from then on a closed app does not lose it. */
  async add(upload: Upload): Promise<void> {
    if (this.entries.has(upload.id)) return;
    await this.ports.store.put(upload);
    this.begin(upload);
  }

  dispatch(id: string, event: Event): void {
    this.entries.get(id)?.runner.dispatch(event);
  }

  setWifiOnly(value: boolean): void {
    this.wifiOnly = value;
    this.toAll({ kind: 'wifi_only', value });
  }

  async remove(id: string): Promise<void> {
    const entry = this.entries.get(id);
    entry?.runner.stop();
    this.entries.delete(id);
    if (entry !== undefined) this.turns.release(entry.order);
    this.show();
    await this.ports.store.delete(id);
  }

  private toAll(event: Event): void {
    for (const { runner } of this.entries.values()) runner.dispatch(event);
  }

  private begin(upload: Upload): void {
    if (this.entries.has(upload.id)) return;
    const { store, network, clock, changed, defect } = this.ports;
    let file: Promise<FileSource> | null = null;
    const order = this.added++;
    const runner = new Runner(upload, network.current(), this.wifiOnly, {
      perform: (command, now, signal) => {
        file ??= this.ports.file(upload.id);
        // A file that could not be opened is opened anew the next time.
        file.catch(() => (file = null));
        return this.performed(command, now, file, order, signal);
      },
      save: async (state) => {
        // The upload may have been removed while this waited.
        if (this.entries.has(state.id)) await store.put(state);
      },
      now: clock.now,
      random: clock.random,
      schedule: (at, then) => {
        const timer = setTimeout(then, Math.max(0, at - clock.now()));
        return () => clearTimeout(timer);
      },
      changed: (machine) => {
        this.follow(machine);
        changed(machine.upload);
      },
      defect,
    });
    this.entries.set(upload.id, { runner, order, rate: startRate(upload.offset, clock.now()) });
    runner.start();
  }

  private performed(
    command: Command,
    upload: Upload,
    file: Promise<FileSource>,
    order: number,
    signal: AbortSignal,
  ): Promise<Result> {
    const work = () =>
      perform(command, upload, { api: this.ports.api(upload.server), storage: this.ports.storage, file }, signal);
    return ALONE.has(command.kind) ? this.turns.run(order, signal, work) : work();
  }

  private follow(machine: Machine): void {
    const { upload } = machine;
    const entry = this.entries.get(upload.id);
    if (entry === undefined) return;
    // Between two pieces the turn is kept: one recording is safe before the next one begins.
    const isBusy = ALONE.has(upload.phase) && upload.notBefore === null && blocked(machine) === null;
    if (!isBusy) this.turns.release(entry.order);
    const now = this.ports.clock.now();
    // Waiting is no slowness: the speed is measured anew afterwards.
    const sending = upload.phase === 'send' && upload.notBefore === null && !upload.paused;
    entry.rate = sending ? measured(entry.rate, upload.offset, now) : startRate(upload.offset, now);
    this.show();
  }

  private show(): void {
    this.list.set(
      [...this.entries.values()].map(({ runner, rate }) => ({
        upload: runner.state.upload,
        blocked: blocked(runner.state),
        bytesPerSec: rate.bytesPerSec,
        secondsLeft: secondsLeft(rate, runner.state.upload.file.size),
      })),
    );
  }
}
