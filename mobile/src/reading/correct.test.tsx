import { fireEvent, screen, userEvent } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { json, renderView } from '../testing/render';
import TranscriptView from './TranscriptView';

const lecture = { lectureId: 'l', courseId: 'c' } as Lecture;
const utterance = { endSec: 9, confidence: 1, words: [] };

/** A transcript of which each version has its own tag, and a server that takes only the current one. */
function served(texts: string[]) {
  let version = 1;
  const etag = () => `"v${version}"`;
  const server = {
    texts: [...texts],
    received: [] as unknown[],
    change(next: string[]) {
      server.texts = next;
      version += 1;
    },
  };
  const answers = {
    '/lectures/l/transcript': () => {
      const utterances = server.texts.map((text, id) => ({ ...utterance, id, startSec: 10 * Number(text.split(' ')[0]), text }));
      return new Response(JSON.stringify({ utterances }), { headers: { ETag: etag(), 'Content-Type': 'application/json' } });
    },
    'PATCH /lectures/l/transcript': (request: RequestInit) => {
      const headers = request.headers as Record<string, string>;
      if (headers['if-match'] !== etag()) return json({ code: 'transcript_changed', detail: '', status: 412 }, 412)();
      const { corrections } = JSON.parse(String(request.body)) as { corrections: { utteranceId: number; text: string }[] };
      server.received.push(...corrections);
      server.change(server.texts.map((text, id) => corrections.find(({ utteranceId }) => utteranceId === id)?.text ?? text));
      return json({ revision: version, etag: etag() })();
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
