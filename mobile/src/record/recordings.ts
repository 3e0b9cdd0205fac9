import { Observable } from '../app/observable';
import type { FileSource } from '../upload/ports';
import type { Recording, RecordingChange, RecordingStore } from './types';

/** The recordings on this device, as the views see them. */
export class Recordings {
  /** Null until they were read. */
  private readonly list = new Observable<readonly Recording[] | null>(null);

  readonly get = this.list.get;
  readonly subscribe = this.list.subscribe;

  constructor(
    private readonly store: RecordingStore,
    /** Tells the other tabs. */
    private readonly announce: () => void = () => undefined,
  ) {}

  /** Reads the list again, after a change elsewhere. */
  async refresh(): Promise<void> {
    this.list.set(await this.store.all());
  }

  /** Shows a change that the recorder made, here and in the other tabs. */
  async changed(): Promise<void> {
    await this.refresh();
    this.announce();
  }

  async adopt(recording: Recording, file: Blob): Promise<void> {
    await this.store.adopt(recording, file);
    await this.changed();
  }

  async update(id: string, change: RecordingChange): Promise<void> {
    await this.store.update(id, change);
    await this.changed();
  }

  async delete(id: string): Promise<void> {
    await this.store.delete(id);
    await this.changed();
  }

  file(id: string): Promise<FileSource> {
    return this.store.file(id);
  }

  /** To be called while nothing records: what is still marked as being recorded was interrupted. */
  async recover(): Promise<void> {
    for (const recording of await this.store.all()) {
      if (recording.state !== 'recording') continue;
      if (recording.bytes === 0) await this.store.delete(recording.id);
      else await this.store.update(recording.id, { state: 'interrupted' });
    }
    await this.changed();
  }
}
