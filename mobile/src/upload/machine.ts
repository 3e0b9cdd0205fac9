import { type Outcome, afterResult } from './results';
import { FIRST_PIECE } from './pieces';
import type { Command, Event, Network, Phase, Upload } from './types';

/** An upload and what surrounds it while the app runs. */
export interface Machine {
  readonly upload: Upload;
  readonly network: Network;
  readonly wifiOnly: boolean;
  /** Number of the command under way. */
  readonly running: number | null;
  readonly nextN: number;
}

export interface Step {
  readonly machine: Machine;
  /** To be started now; at most one is under way. */
  readonly command: Command | null;
  /** The command to abort; its result is ignored. */
  readonly cancel: number | null;
  /** Time (ms) at which a `wake` is due. */
  readonly wakeAt: number | null;
}

export type Intention = Pick<Upload, 'id' | 'server' | 'announceKey' | 'file' | 'target' | 'marks'>;

export function newUpload({ id, server, announceKey, file, target, marks = [] }: Intention): Upload {
  return {
    id,
    server,
    file,
    target,
    marks,
    announceKey,
    phase: 'checksum',
    crc32c: null,
    ticket: null,
    session: null,
    offset: 0,
    pieceBytes: FIRST_PIECE,
    failures: 0,
    notBefore: null,
    failure: null,
    paused: false,
  };
}

/** An upload as it was stored before the app was closed. Pieces may have arrived since: the server is asked. */
export function restore(upload: Upload, network: Network, wifiOnly: boolean): Machine {
  const phase: Phase = upload.phase === 'send' ? 'ask' : upload.phase;
  return { upload: { ...upload, phase, notBefore: null }, network, wifiOnly, running: null, nextN: 1 };
}

export type Blocked = 'finished' | 'paused' | 'offline' | 'waiting_for_wifi';

/** Why nothing may be sent; null if something may. */
export function blocked({ upload, network, wifiOnly }: Machine): Blocked | null {
  if (upload.phase === 'confirmed' || upload.phase === 'failed') return 'finished';
  if (upload.paused) return 'paused';
  if (upload.phase === 'checksum') return null; // Reads the file, sends nothing.
  if (network === 'offline') return 'offline';
  if (network === 'metered' && wifiOnly) return 'waiting_for_wifi';
  return null;
}

/**
 * The machine after an event, and what is to be done now.
 *
 * Pure: time and chance come in. `jitter` is 0 to 1.
 */
export function step(machine: Machine, event: Event, now: number, jitter: number): Step {
  return next(applied(machine, event, now, jitter), now);
}

/** What is to be done without an event: after `restore`. */
export function begin(machine: Machine, now: number): Step {
  return next(machine, now);
}

function applied(machine: Machine, event: Event, now: number, jitter: number): Machine {
  const { upload } = machine;
  switch (event.kind) {
    case 'result': {
      if (event.n !== machine.running) return machine; // Of a cancelled command.
      return { ...machine, running: null, upload: taken(upload, afterResult(upload, event.result, now, jitter)) };
    }
    case 'network': {
      const better = machine.network === 'offline' && event.network !== 'offline';
      return { ...machine, network: event.network, upload: better ? { ...upload, notBefore: null } : upload };
    }
    case 'wifi_only':
      return { ...machine, wifiOnly: event.value };
    case 'pause':
      return { ...machine, upload: { ...upload, paused: true } };
    case 'resume':
      return { ...machine, upload: { ...upload, paused: false, notBefore: null } };
    case 'retry':
      return upload.phase === 'failed' ? { ...machine, upload: anew(upload, event.announceKey) } : machine;
    case 'wake':
      return machine;
  }
}

function taken(upload: Upload, outcome: Outcome): Upload {
  return { ...upload, ...outcome };
}

/** The whole upload once more; the checksum is computed anew, as the file may have been the reason. */
function anew(upload: Upload, announceKey: string): Upload {
  return { ...newUpload({ ...upload, announceKey }), pieceBytes: upload.pieceBytes };
}

function next(machine: Machine, now: number): Step {
  const { running, upload } = machine;
  if (blocked(machine) !== null) {
    // A piece that is aborted may have arrived: the server is asked before the next.
    const phase = running !== null && upload.phase === 'send' ? 'ask' : upload.phase;
    return { machine: { ...machine, running: null, upload: { ...upload, phase } }, command: null, cancel: running, wakeAt: null };
  }
  if (running !== null) return { machine, command: null, cancel: null, wakeAt: null };
  if (upload.notBefore !== null && upload.notBefore > now) {
    return { machine, command: null, cancel: null, wakeAt: upload.notBefore };
  }
  const ready = { ...upload, notBefore: null };
  const command = commandOf(ready, machine.nextN);
  return {
    machine: { ...machine, upload: ready, running: command.n, nextN: machine.nextN + 1 },
    command,
    cancel: null,
    wakeAt: null,
  };
}

function commandOf(upload: Upload, n: number): Command {
  const { phase, ticket, session, crc32c } = upload;
  if (phase === 'checksum' || crc32c === null) return { n, kind: 'checksum' };
  if (phase === 'announce') return { n, kind: 'announce', key: upload.announceKey, crc32c };
  if (phase === 'mark') return { n, kind: 'mark', key: upload.announceKey, marks: upload.marks ?? [] };
  if (phase === 'verify') return { n, kind: 'verify' };
  if (phase === 'start' && ticket !== null) return { n, kind: 'start', ticket };
  if (phase === 'ask' && session !== null) return { n, kind: 'ask', session };
  if (phase === 'send' && session !== null) {
    const length = Math.min(upload.pieceBytes, upload.file.size - upload.offset);
    return { n, kind: 'send', session, offset: upload.offset, length };
  }
  return { n, kind: 'renew' };
}
