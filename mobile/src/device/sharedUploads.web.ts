import { Observable } from '../app/observable';
import { blocked, restore } from '../upload/machine';
import type { NetworkMonitor, UploadStore } from '../upload/ports';
import type { QueuedUpload, UploadQueue } from '../upload/queue';
import type { Event, Upload } from '../upload/types';
import type { Uploads } from './types';

export type Message =
  | { readonly kind: 'recordings' }
  | { readonly kind: 'uploads' }
  | { readonly kind: 'added'; readonly upload: Upload }
  | { readonly kind: 'removed'; readonly id: string }
  | { readonly kind: 'event'; readonly id: string; readonly event: Event };

export interface SharedPorts {
  readonly queue: UploadQueue;
  readonly store: UploadStore;
  readonly network: NetworkMonitor;
  post(message: Message): void;
}

/** Uploads with one tab at work: the others show what it stored, and send it what the student does. */
export class SharedUploads implements Uploads {
  private readonly list = new Observable<readonly QueuedUpload[]>([]);
  private working = false;

  readonly get = this.list.get;
  readonly subscribe = this.list.subscribe;

  constructor(private readonly ports: SharedPorts) {}

  /** This tab carries the uploads out from now on. */
  async work(): Promise<void> {
    this.working = true;
    const { queue } = this.ports;
    queue.subscribe(() => this.list.set(queue.get()));
    await queue.start();
    this.list.set(queue.get());
  }

  async add(upload: Upload): Promise<void> {
    if (this.working) return this.ports.queue.add(upload);
    await this.ports.store.put(upload);
    this.ports.post({ kind: 'added', upload });
    await this.read();
  }

  dispatch(id: string, event: Event): void {
    if (this.working) this.ports.queue.dispatch(id, event);
    else this.ports.post({ kind: 'event', id, event });
  }

  async remove(id: string): Promise<void> {
    if (this.working) await this.ports.queue.remove(id);
    else {
      await this.ports.store.delete(id);
      this.ports.post({ kind: 'removed', id });
      await this.read();
    }
  }

  setWifiOnly(value: boolean): void {
    this.ports.queue.setWifiOnly(value);
  }

  async receive(message: Message): Promise<void> {
    if (!this.working) {
      if (message.kind === 'uploads') await this.read();
    } else if (message.kind === 'added') await this.ports.queue.add(message.upload);
    else if (message.kind === 'removed') await this.ports.queue.remove(message.id);
    else if (message.kind === 'event') this.ports.queue.dispatch(message.id, message.event);
  }

  /** What the working tab has stored. */
  async read(): Promise<void> {
    const uploads = await this.ports.store.all();
    if (this.working) return;
    const network = this.ports.network.current();
    this.list.set(
      uploads.map((upload) => ({
        upload,
        blocked: blocked(restore(upload, network, false)),
        bytesPerSec: null,
        secondsLeft: null,
      })),
    );
  }
}
