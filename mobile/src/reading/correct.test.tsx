import { fireEvent, screen, userEvent } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { json, renderView } from '../testing/render';
import TranscriptView from './TranscriptView';

const lecture = { lectureId: 'l', courseId: 'c' } as Lecture;
const utterance = { endSec: 9, confidence: 1, words: [] };

/** A transcript of which each version has its own tag, and a server that takes only the current one. */
function served(texts: string[]) {
  let version = 1;
  const kept = new Map([[1, texts]]);
  const etag = () => `"v${version}"`;
  const server = {
    texts: [...texts],
    received: [] as unknown[],
    change(next: string[]) {
      server.texts = next;
      version += 1;
      kept.set(version, next);
    },
  };
  const answers = {
    '/lectures/l/transcript': (_: RequestInit, { searchParams }: URL) => {
      const asked = kept.get(Number(searchParams.get('revision') ?? version)) ?? [];
      const utterances = asked.map((text, id) => ({ ...utterance, id, startSec: 10 * Number(text.split(' ')[0]), text }));
      return new Response(JSON.stringify({ utterances }), { headers: { ETag: etag(), 'Content-Type': 'application/json' } });
    },
    'PATCH /lectures/l/transcript': (request: RequestInit) => {
      const headers = request.headers as Record<string, string>;
      if (headers['if-match'] !== etag()) return json({ code: 'transcript_changed', detail: '', status: 412 }, 412)();
      const { corrections } = JSON.parse(String(request.body)) as { corrections: { utteranceId: number; text: string }[] };
      server.received.push(...corrections);
      server.change(server.texts.map((text, id) => corrections.find(({ utteranceId }) => utteranceId === id)?.text ?? text));
      return json({ revision: version, corrected: corrections.length, etag: etag() })();
    },
    '/lectures/l/transcript/revisions': () =>
      json({
        revisions: [...kept.keys()].map((revision) => ({
          revision,
          corrected: revision - 1,
          current: revision === version,
          createdAt: '2026-03-02T10:00:00Z',
        })),
      })(),
    'POST /lectures/l/transcript/restore': (request: RequestInit) => {
      const headers = request.headers as Record<string, string>;
      if (headers['if-match'] !== etag()) return json({ code: 'transcript_changed', detail: '', status: 412 }, 412)();
      const { revision } = JSON.parse(String(request.body)) as { revision: number };
      server.received.push({ restored: revision });
      server.change(kept.get(revision) ?? []);
      return json({ revision: version, corrected: 1, etag: etag() })();
    },
  };
  renderView(<TranscriptView lecture={lecture} />, { answers });
  return server;
}

async function type(of: string, text: string) {
  await userEvent.press(await screen.findByText('Correct the transcript'));
  await userEvent.press(screen.getByText(of));
  fireEvent.changeText(screen.getByLabelText('What was said'), text);
  await userEvent.press(screen.getByText('Save'));
}

test('a correction is sent for the transcript that was read, and shown', async () => {
  const server = served(['1 one', '2 to']);
  await type('2 to', ' 2 two ');
  expect(await screen.findByText('2 two')).toBeTruthy();
  expect(server.received).toEqual([{ utteranceId: 1, text: '2 two' }]);
  expect(screen.queryByText('Save')).toBeNull();
});

test('a transcript that was changed meanwhile is read again, and then the same sentence is corrected', async () => {
  const server = served(['1 one', '2 to', '3 three']);
  await screen.findByText('2 to');
  server.change(['2 too', '3 three']);
  await type('2 to', '2 two');
  expect(await screen.findByText('The transcript was changed meanwhile')).toBeTruthy();
  await userEvent.press(screen.getByText('Read it again'));
  expect(await screen.findByText('It reads now: 2 too')).toBeTruthy();
  await userEvent.press(screen.getByText('Save'));
  expect(await screen.findByText('2 two')).toBeTruthy();
  // Its id has changed with the sentence that was removed before it.
  expect(server.received).toEqual([{ utteranceId: 0, text: '2 two' }]);
});

test('a sentence that was removed meanwhile cannot be corrected', async () => {
  const server = served(['1 one', '2 to']);
  await screen.findByText('2 to');
  server.change(['1 one']);
  await type('2 to', '2 two');
  await userEvent.press(await screen.findByText('Read it again'));
  expect(await screen.findByText('This sentence was removed meanwhile')).toBeTruthy();
  await userEvent.press(screen.getByText('Save'));
  expect(server.received).toEqual([]);
});

describe('undoing', () => {
  test('takes a correction back, and that, too', async () => {
    const server = served(['1 one', '2 to']);
    await type('2 to', '2 two');
    expect(await screen.findByText('Corrected')).toBeTruthy();
    await userEvent.press(screen.getByText('Undo'));
    expect(await screen.findByText('The earlier version is back')).toBeTruthy();
    expect(await screen.findByText('2 to')).toBeTruthy();
    await userEvent.press(screen.getByText('Undo'));
    expect(await screen.findByText('2 two')).toBeTruthy();
    expect(server.received).toEqual([{ utteranceId: 1, text: '2 two' }, { restored: 1 }, { restored: 2 }]);
  });

  test('does not undo what another client has changed meanwhile: the earlier words are offered for it', async () => {
    const server = served(['1 one', '2 to']);
    await type('2 to', '2 two');
    expect(await screen.findByText('Corrected')).toBeTruthy();
    server.change(['1 won', '2 too']);
    await userEvent.press(screen.getByText('Undo'));
    expect(await screen.findByText('The transcript was changed meanwhile')).toBeTruthy();
    await userEvent.press(screen.getByText('Read it again'));
    expect(await screen.findByText('It reads now: 2 too')).toBeTruthy();
    expect(screen.getByLabelText('What was said').props.value).toBe('2 to');
    await userEvent.press(screen.getByText('Save'));
    expect(await screen.findByText('2 to')).toBeTruthy();
    expect(server.texts).toEqual(['1 won', '2 to']);
  });
});

describe('earlier versions', () => {
  const listed = async () => {
    await userEvent.press(await screen.findByText('Correct the transcript'));
    await userEvent.press(screen.getByText('Earlier versions'));
  };

  test('of a transcript that was never corrected there are none', async () => {
    served(['1 one']);
    await listed();
    expect(await screen.findByText('There is no earlier one. Each correction makes a new version.')).toBeTruthy();
  });

  test('are listed, show what differs, and one is brought back', async () => {
    const server = served(['1 one', '2 to', '3 three']);
    server.change(['1 one', '2 two']);
    server.change(['1 won', '2 two']);
    await listed();
    expect(await screen.findByText('Version 3 · shown now')).toBeTruthy();
    expect(screen.getByText(/2026.*1 sentence changed/)).toBeTruthy();
    await userEvent.press(screen.getByLabelText(/Version 1, .*as it was recognized/));
    expect(await screen.findByText('It reads now: 1 won')).toBeTruthy();
    expect(screen.getByText('It reads now: 2 two')).toBeTruthy();
    expect(screen.getByText('It is not there now.')).toBeTruthy();
    await userEvent.press(screen.getByText('Bring this version back'));
    expect(await screen.findByText('3 three')).toBeTruthy();
    expect(screen.getByText('The earlier version is back')).toBeTruthy();
    expect(server.received).toEqual([{ restored: 1 }]);
  });

  test('one is not brought back over what another client has changed meanwhile', async () => {
    const server = served(['1 one']);
    server.change(['1 won']);
    await listed();
    await userEvent.press(await screen.findByLabelText(/Version 1,/));
    expect(await screen.findByText('It reads now: 1 won')).toBeTruthy();
    server.change(['1 want']);
    await userEvent.press(screen.getByText('Bring this version back'));
    expect(await screen.findByText('The transcript was changed meanwhile')).toBeTruthy();
    expect(server.received).toEqual([]);
    await userEvent.press(screen.getByText('Read it again'));
    expect(await screen.findByText('It reads now: 1 want')).toBeTruthy();
    await userEvent.press(screen.getByText('Bring this version back'));
    expect(await screen.findByText('1 one')).toBeTruthy();
  });
});
