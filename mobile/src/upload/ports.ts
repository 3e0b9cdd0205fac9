import type { Network, Upload } from './types';

/** The recording, wherever it is. Slices are read as they are needed, so that memory does not grow with its length. */
export interface FileSource {
  readonly size: number;
  /** Raises `FileUnreadable` if the bytes cannot be had any more. */
  slice(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

export class FileUnreadable extends Error {
  override readonly name = 'FileUnreadable';
}

/** Requests to Cloud Storage. Redirects are not followed: 308 is an answer. Raises `NetworkFailure`. */
export interface Storage {
  request(request: StorageRequest): Promise<StorageAnswer>;
}

export interface StorageRequest {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly signal: AbortSignal;
}

export interface StorageAnswer {
  readonly status: number;
  header(name: string): string | null;
}

/** Uploads as they stand, kept over restarts. */
export interface UploadStore {
  all(): Promise<readonly Upload[]>;
  put(upload: Upload): Promise<void>;
  delete(id: string): Promise<void>;
}

/** The device's connection. */
export interface NetworkMonitor {
  current(): Network;
  subscribe(changed: () => void): () => void;
}
