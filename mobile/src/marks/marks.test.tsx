import { act, screen, userEvent, within } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { PlayerBar } from '../player/PlayerBar';
import { PlayerProvider } from '../player/PlayerProvider';
import { FakeMedia } from '../player/testing';
import TranscriptView from '../reading/TranscriptView';
import { json, renderView } from '../testing/render';
import type { Mark } from './queries';

const lecture = {
  lectureId: 'l',
  courseId: 'c',
  title: 'Hashing',
  durationSec: 200,
  available: { recording: true, transcript: true, artifacts: true, exports: true },
} as Lecture;

const utterances = Array.from({ length: 30 }, (_, id) => ({
  id,
  startSec: 5 * id + 2,
  endSec: 5 * id + 4,
  text: `This is sentence ${id}.`,
  confidence: 0.9,
  words: [],
}));

const made = (markId: string, atSec: number, label: string | null = null, etag = `"${markId}-1"`): Mark => ({
  markId,
  atSec,
  label,
  etag,
  createdAt: '2026-11-12T10:00:00Z',
  updatedAt: '2026-11-12T10:00:00Z',
});

const problem = (status: number, code: string) => json({ code, detail: '', status }, status);

interface Sent {
  readonly asked: string;
  readonly etag: string | null;
  readonly body: unknown;
}

/** A server that has these marks, and can be told to refuse the next write. */
class Server {
  readonly sent: Sent[] = [];
  refusal: (() => Response) | null = null;

  constructor(public marks: readonly Mark[]) {}

  readonly answers = () => ({
    '/lectures/l/transcript': json({ utterances, language: 'en', durationSec: 200, warnings: [] }),
    '/lectures/l/audio': () => Object.defineProperty(new Response('x', { status: 206 }), 'url', { value: 'https://bucket/x' }),
    '/lectures/l/marks': () => this.all(),
    'POST /lectures/l/marks': (request: RequestInit) => this.written('POST', request, [...this.marks, made('new', 61.2)]),
    'PATCH /lectures/l/marks/m': (request: RequestInit) => {
      const { label } = JSON.parse(String(request.body)) as { label: string | null };
      return this.written('PATCH', request, this.marks.map((mark) => (mark.markId === 'm' ? { ...mark, label } : mark)));
    },
    'DELETE /lectures/l/marks/m': (request: RequestInit) =>
      this.written('DELETE', request, this.marks.filter(({ markId }) => markId !== 'm')),
  });

  private written(asked: string, { headers, body }: RequestInit, after: readonly Mark[]): Response {
    const etag = new Headers(headers).get('If-Match');
    this.sent.push({ asked, etag, body: body ? JSON.parse(String(body)) : null });
    const { refusal } = this;
    this.refusal = null;
    if (refusal !== null) return refusal();
    this.marks = after;
    return this.all();
  }

  private all(): Response {
    return json({ lectureId: 'l', marks: this.marks, jobId: null })();
  }
}

async function shown(marks: readonly Mark[], recording = true) {
  const server = new Server(marks);
  const media = new FakeMedia();
  const rendered = renderView(
    <PlayerProvider lectureId="l" durationSec={lecture.durationSec} enabled={recording}>
      <TranscriptView lecture={lecture} />
      <PlayerBar lectureId="l" durationSec={lecture.durationSec} absent={recording ? null : 'deleted'} />
    </PlayerProvider>,
    { openMedia: () => media, answers: server.answers() },
  );
  await rendered.settled();
  return { ...rendered, server, media };
}

const labels = () =>
  within(screen.getByLabelText('Transcript'))
    .getAllByRole('button')
    .map((each) => each.props.accessibilityLabel as string);

test('a mark stands below what was said then, plays its second, and is drawn on the timeline', async () => {
  const { media } = await shown([made('m', 13.5), made('n', 50, 'Proof')]);
  const all = labels();
  expect(all[all.indexOf('0:12 This is sentence 2.') + 1]).toBe('Play the mark at 0:13: Important');
  expect(all[all.indexOf('0:47 This is sentence 9.') + 1]).toBe('Play the mark at 0:50: Proof');
  await userEvent.press(screen.getByLabelText('Play the mark at 0:13: Important'));
  expect(media.told).toEqual(['load https://bucket/x 13.5', 'play']);
  expect(screen.getAllByTestId('timeline-mark')).toHaveLength(2);
});

test('one before the first word stands before it', async () => {
  await shown([made('m', 0.5)]);
  expect(labels()[0]).toBe('Play the mark at 0:00: Important');
});

test('a mark is given a label, and a label is taken away', async () => {
  const { server, settled } = await shown([made('m', 13.5)]);
  await userEvent.press(screen.getByLabelText('Edit: Mark at 0:13'));
  await userEvent.type(await screen.findByLabelText('Label'), ' Proof of the bound ');
  await userEvent.press(screen.getByLabelText('Save'));
  expect(await screen.findByLabelText('Play the mark at 0:13: Proof of the bound')).toBeTruthy();
  expect(server.sent).toEqual([{ asked: 'PATCH', etag: '"m-1"', body: { label: 'Proof of the bound' } }]);
  await userEvent.press(screen.getByLabelText('Edit: Mark at 0:13'));
  await userEvent.clear(await screen.findByLabelText('Label'));
  await userEvent.press(screen.getByLabelText('Save'));
  expect(await screen.findByLabelText('Play the mark at 0:13: Important')).toBeTruthy();
  expect(server.sent[1]?.body).toEqual({ label: null });
  await settled();
});

test('a mark is removed', async () => {
  const { server, settled } = await shown([made('m', 13.5), made('n', 50)]);
  await userEvent.press(screen.getByLabelText('Edit: Mark at 0:13'));
  await userEvent.press(await screen.findByLabelText('Delete'));
  await settled();
  expect(screen.queryByLabelText('Play the mark at 0:13: Important')).toBeNull();
  expect(screen.getAllByTestId('timeline-mark')).toHaveLength(1);
  expect(server.sent).toEqual([{ asked: 'DELETE', etag: '"m-1"', body: null }]);
});

test('one that was changed meanwhile is read again, and what was typed is saved the second time', async () => {
  const { server, settled } = await shown([made('m', 13.5)]);
  await userEvent.press(screen.getByLabelText('Edit: Mark at 0:13'));
  await userEvent.type(await screen.findByLabelText('Label'), 'Mine');
  server.marks = [made('m', 13.5, 'Theirs', '"m-2"')];
  server.refusal = problem(412, 'mark_changed');
  await userEvent.press(screen.getByLabelText('Save'));
  await settled();
  expect(screen.getByText('The mark was changed meanwhile. Save again to replace that.')).toBeTruthy();
  expect(screen.getByText('It reads now: Theirs')).toBeTruthy();
  await userEvent.press(screen.getByLabelText('Save'));
  await settled();
  expect(server.sent.map(({ etag }) => etag)).toEqual(['"m-1"', '"m-2"']);
  expect(screen.getByLabelText('Play the mark at 0:13: Mine')).toBeTruthy();
});

test('the moment that is heard is marked', async () => {
  const { media, server, settled } = await shown([]);
  await userEvent.press(screen.getByLabelText('0:12 This is sentence 2.'));
  media.at = 61.27;
  act(() => media.emit('moved'));
  await userEvent.press(await screen.findByLabelText('Mark this moment'));
  await settled();
  expect(server.sent).toEqual([{ asked: 'POST', etag: null, body: { marks: [{ atSec: 61.2, label: null }] } }]);
  expect(screen.getByText('Marked at 1:01')).toBeTruthy();
  expect(screen.getByLabelText('Play the mark at 1:01: Important')).toBeTruthy();
});

test('a refusal is said', async () => {
  const { server, settled } = await shown([]);
  server.refusal = problem(409, 'too_many_marks');
  await userEvent.press(await screen.findByLabelText('Mark this moment'));
  await settled();
  expect(screen.getByText('You have marked as many moments of this lecture as is possible.')).toBeTruthy();
});

test('without the recording marks are read and named, and nothing offers to play or to mark', async () => {
  await shown([made('m', 13.5, 'Proof')], false);
  expect(screen.getByText('0:13 Proof')).toBeTruthy();
  expect(screen.getByLabelText('Edit: Mark at 0:13')).toBeTruthy();
  expect(screen.queryByLabelText('Play the mark at 0:13: Proof')).toBeNull();
  expect(screen.queryByLabelText('Mark this moment')).toBeNull();
});
