import { type Api, dataOf } from '../api/client';
import { ApiProblem, NetworkFailure, retryAfterSec } from '../api/problem';
import { isPassing } from '../api/retry';
import { Crc32c } from './crc32c';
import { LARGEST_PIECE } from './pieces';
import { type FileSource, FileUnreadable, type Storage, type StorageAnswer } from './ports';
import type { Command, Failure, Result, Upload } from './types';

/** Of one lecture, as the API takes them. */
const MOST_MARKS = 300;

export interface Ports {
  readonly api: Api;
  readonly storage: Storage;
  readonly file: Promise<FileSource>;
}

/** Carries a command out. Every outcome is a result; only an abort by `signal` and defects are raised. */
export async function perform(command: Command, upload: Upload, ports: Ports, signal: AbortSignal): Promise<Result> {
  try {
    return await carriedOut(command, upload, ports, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof NetworkFailure) return { kind: 'unreachable', retryAfterSec: null };
    if (error instanceof ApiProblem) return ofProblem(error, command);
    if (error instanceof FileUnreadable) return refused('file_unreadable', error.message);
    throw error;
  }
}

async function carriedOut(command: Command, upload: Upload, ports: Ports, signal: AbortSignal): Promise<Result> {
  const { api, storage } = ports;
  const params = { path: { lectureId: upload.target.lectureId } };
  switch (command.kind) {
    case 'checksum':
      return { kind: 'checksummed', crc32c: await checksum(await ports.file, signal) };
    case 'announce':
      return announced(command, upload, api, signal);
    case 'mark': {
      const header = { 'Idempotency-Key': `${command.key}-marks` };
      const body = { marks: command.marks.slice(0, MOST_MARKS).map((atSec) => ({ atSec, label: null })) };
      const answer = api.client.POST('/lectures/{lectureId}/marks', { params: { ...params, header }, body, signal });
      await dataOf(answer, api.clock.now());
      return { kind: 'marked' };
    }
    case 'renew': {
      const answer = api.client.POST('/lectures/{lectureId}/upload-url', { params, signal });
      return { kind: 'ticket', ticket: await dataOf(answer, api.clock.now()) };
    }
    case 'start': {
      const { url, headers } = command.ticket;
      const answer = await storage.request({ method: 'POST', url, headers, body: null, signal });
      return ofStart(answer, api.clock.now());
    }
    case 'ask': {
      const headers = { 'Content-Range': `bytes */${upload.file.size}` };
      const answer = await storage.request({ method: 'PUT', url: command.session, headers, body: null, signal });
      return ofPut(answer, 0, api.clock.now());
    }
    case 'send': {
      const { offset, length } = command;
      const body = await (await ports.file).slice(offset, length);
      const headers = { 'Content-Range': `bytes ${offset}-${offset + length - 1}/${upload.file.size}` };
      const began = api.clock.now();
      const answer = await storage.request({ method: 'PUT', url: command.session, headers, body, signal });
      return ofPut(answer, api.clock.now() - began, api.clock.now());
    }
    case 'verify': {
      const lecture = await dataOf(api.client.GET('/lectures/{lectureId}', { params, signal }), api.clock.now());
      if (lecture.courseId !== upload.target.courseId) {
        return refused('conflict', 'The lecture belongs to another course.');
      }
      if (lecture.status === 'awaiting_upload') return { kind: 'waiting' };
      if (lecture.audioBytes !== null) return { kind: 'accepted', bytes: lecture.audioBytes };
      return refused(lecture.error?.code ?? 'internal', lecture.error?.message ?? '');
    }
  }
}

async function checksum(file: FileSource, signal: AbortSignal): Promise<string> {
  const sum = new Crc32c();
  for (let offset = 0; offset < file.size; offset += LARGEST_PIECE) {
    signal.throwIfAborted();
    sum.update(await file.slice(offset, Math.min(LARGEST_PIECE, file.size - offset)));
  }
  return sum.base64();
}

async function announced(
  command: Extract<Command, { kind: 'announce' }>,
  upload: Upload,
  api: Api,
  signal: AbortSignal,
): Promise<Result> {
  const { target, file } = upload;
  const answer = api.client.POST('/lectures/ingest', {
    params: { header: { 'Idempotency-Key': command.key } },
    body: { ...target, contentType: file.contentType, sizeBytes: file.size, crc32c: command.crc32c },
    signal,
  });
  const { upload: ticket } = await dataOf(answer, api.clock.now());
  return ticket ? { kind: 'ticket', ticket } : { kind: 'taken' };
}

function ofStart(answer: StorageAnswer, now: number): Result {
  const session = answer.header('Location');
  if (answer.status === 201 && session !== null) return { kind: 'started', session };
  if ([400, 401, 403].includes(answer.status)) return { kind: 'expired' };
  return ofRefusal(answer, now);
}

function ofPut(answer: StorageAnswer, ms: number, now: number): Result {
  if (answer.status === 200 || answer.status === 201) return { kind: 'complete' };
  if (answer.status === 308) {
    const range = /^bytes=0-(\d+)$/.exec(answer.header('Range') ?? '');
    return { kind: 'reached', offset: range === null ? 0 : Number(range[1]) + 1, ms };
  }
  if (answer.status === 404 || answer.status === 410) return { kind: 'session_gone' };
  return ofRefusal(answer, now);
}

function ofRefusal(answer: StorageAnswer, now: number): Result {
  const { status } = answer;
  if (status === 412) return { kind: 'taken' };
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: 'unreachable', retryAfterSec: retryAfterSec(answer.header('Retry-After'), now) };
  }
  return refused('upload_refused', `Storage answered ${status}.`);
}

function ofProblem(problem: ApiProblem, command: Command): Result {
  if (isPassing(problem)) return { kind: 'unreachable', retryAfterSec: problem.retryAfterSec };
  // A recording is not given up for its marks: those that a lecture cannot have are.
  if (command.kind === 'mark' && problem.status !== 401) return { kind: 'marked' };
  if (problem.code === 'conflict' && command.kind !== 'verify') return { kind: 'taken' };
  return refused(problem.code, problem.detail);
}

function refused(code: string, detail: string): Result {
  const failure: Failure = { code, detail };
  return { kind: 'refused', failure };
}
