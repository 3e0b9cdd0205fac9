import { act, screen, userEvent, within } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { PlayerBar } from '../player/PlayerBar';
import { PlayerProvider } from '../player/PlayerProvider';
import { FakeMedia } from '../player/testing';
import { type Answers, json, never, renderView } from '../testing/render';
import CardsView from './CardsView';
import FilesView from './FilesView';
import KeyTermsView from './KeyTermsView';
import OutlineView from './OutlineView';
import QuestionsView from './QuestionsView';
import SummaryView from './SummaryView';
import ThreadsView from './ThreadsView';
import TranscriptView from './TranscriptView';

const lecture = {
  lectureId: 'l',
  courseId: 'c',
  title: 'Hashing',
  durationSec: 3130,
  available: { recording: true, transcript: true, artifacts: true, exports: true },
} as Lecture;

const cites = (startSec: number) => [{ startSec, endSec: startSec + 4, quote: 'as it was said' }];

const item = (id: string) => ({ id, own: false, edited: false, hidden: false });

const made = (content: unknown) =>
  json({
    lectureId: 'l',
    presetId: 'exam',
    provider: 'extractive',
    generatedAt: '2026-11-12T10:00:00Z',
    grounding: { items: 3, verified: 2, repaired: 0, dropped: 1, checks: ['quotes', 'entailment'] },
    content,
  });

const artifacts = (outdated = false) => ({ '/lectures/l/artifacts': json({ lectureId: 'l', outdated, artifacts: [] }) });

function shown(view: React.ReactElement, answers: Answers, recording = true) {
  const media = new FakeMedia();
  const address = Object.defineProperty(new Response('x', { status: 206 }), 'url', { value: 'https://bucket/x' });
  const rendered = renderView(
    <PlayerProvider lectureId="l" durationSec={lecture.durationSec} enabled={recording}>
      {view}
      <PlayerBar lectureId="l" durationSec={lecture.durationSec} absent={recording ? null : 'deleted'} />
    </PlayerProvider>,
    { openMedia: () => media, answers: { '/lectures/l/audio': () => address, ...artifacts(), ...answers } },
  );
  return { ...rendered, media };
}

/** The same, once all that it asks for is answered: what comes later would change it under a test's hands. */
async function answered(...parameters: Parameters<typeof shown>) {
  const rendered = shown(...parameters);
  await rendered.settled();
  return rendered;
}

const played = (sec: number) => [`load https://bucket/x ${sec}`, 'play'];

const utterances = Array.from({ length: 400 }, (_, id) => ({
  id,
  startSec: 5 * id,
  endSec: 5 * id + 4,
  text: `This is sentence ${id}.`,
  confidence: id === 1 ? 0.2 : 0.9,
  words: [],
}));

describe('the transcript', () => {
  const answers = { '/lectures/l/transcript': json({ utterances, language: 'en', durationSec: 3130, warnings: [] }) };

  test('what is played is marked, and the mark moves', async () => {
    const { media } = await answered(<TranscriptView lecture={lecture} />, answers);
    expect(await screen.findByLabelText('33:15 This is sentence 399.')).toBeTruthy();
    await userEvent.press(screen.getByLabelText('0:10 This is sentence 2.'));
    expect(media.told).toEqual(played(10));
    const marked = () => screen.getAllByRole('button').filter((each) => each.props['aria-current'] === 'true');
    expect(marked().map((each) => each.props.accessibilityLabel as string)).toEqual(['0:10 This is sentence 2.']);
    media.at = 1_503;
    act(() => media.emit('moved'));
    expect(marked().map((each) => each.props.accessibilityLabel as string)).toEqual(['25:00 This is sentence 300.']);
  });

  test('all of it is there after some frames, and doubtful words are said to be so', async () => {
    await answered(<TranscriptView lecture={lecture} />, answers);
    expect(await screen.findByLabelText('33:15 This is sentence 399.')).toBeTruthy();
    expect(screen.getByLabelText('0:05 This is sentence 1. (perhaps misheard)')).toBeTruthy();
  });

  test('without the recording it can be read, and nothing offers to play', async () => {
    await answered(<TranscriptView lecture={lecture} />, answers, false);
    expect(await screen.findByText('This is sentence 399.')).toBeTruthy();
    expect(screen.getAllByRole('button').map((each) => each.props.accessibilityLabel as string)).toEqual(['Correct the transcript']);
    expect(screen.getByText(/recording was deleted/)).toBeTruthy();
  });

  test.each([
    [never, 'Loading the transcript'],
    [json({ code: 'not_found', detail: '', status: 404 }, 404), 'There is no transcript'],
    [json({ code: 'deleted_by_retention', detail: '', status: 410 }, 410), 'This was deleted when its time was over.'],
    [json({ code: 'internal', detail: '', status: 500 }, 500), 'Something went wrong on our side. Please try again.'],
    [undefined, 'You are offline'],
  ])('without it, %#', async (answer, text) => {
    shown(<TranscriptView lecture={lecture} />, answer === undefined ? {} : { '/lectures/l/transcript': answer });
    expect(await screen.findByText(text)).toBeTruthy();
  });
});

test('the summary: each bullet plays its second, and it says who made it', async () => {
  const bullets = [{ text: 'Two keys may share a slot.', role: 'claim', citations: cites(94) }];
  const content = { overview: 'On hash tables.', overviewCitations: cites(45), sections: [{ title: 'Collisions', bullets }] };
  const { media } = await answered(<SummaryView lecture={lecture} />, { '/lectures/l/artifacts/summary': made(content), ...artifacts(true) });
  expect(await screen.findByText('On hash tables.')).toBeTruthy();
  expect(screen.getByText('Claim')).toBeTruthy();
  expect(screen.getByText(/Made by Pegasus, from sentences of the lecture, with the preset Exam, .*2 items, .*A language model compared .*1 item without a source/)).toBeTruthy();
  expect(await screen.findByText('The transcript was corrected since')).toBeTruthy();
  await userEvent.press(screen.getByLabelText('Play from 1:34: as it was said'));
  expect(media.told).toEqual(played(94));
});

test('outline: chapters, sub-chapters and points play', async () => {
  const child = { title: 'Probing', startSec: 200, endSec: 300, points: [{ text: 'Linear.', citations: cites(210) }], children: [] };
  const nodes = [{ title: 'Collisions', startSec: 100, endSec: 300, points: [], children: [child] }];
  const { media } = await answered(<OutlineView lecture={lecture} />, { '/lectures/l/artifacts/outline': made({ nodes }) });
  await userEvent.press(await screen.findByLabelText('Play from 3:20: Probing'));
  expect(media.told).toEqual(played(200));
  expect(screen.getByText('Linear.')).toBeTruthy();
  expect(screen.getByLabelText('Play from 3:30: as it was said')).toBeTruthy();
});

test('key terms with their example', async () => {
  const terms = [{ ...item('t'), term: 'collision', definition: 'Two keys in one slot.', example: 'Birthdays', firstSaidSec: 90, citations: cites(90), threadRef: null }];
  await answered(<KeyTermsView lecture={lecture} />, { '/lectures/l/artifacts/key-terms': made({ terms }) });
  expect(await screen.findByText('collision')).toBeTruthy();
  expect(screen.getByText('Example: Birthdays')).toBeTruthy();
  expect(screen.getByLabelText('Play from 1:30: as it was said')).toBeTruthy();
});

test('cards: an answer and its citation are hidden until the card is flipped, and with the next one', async () => {
  const card = { key: 'k', guid: null, difficulty: 'easy', tags: [], threadRef: null };
  const cards = [
    { ...card, ...item('a'), kind: 'basic', front: 'What is a collision?', back: 'Two keys in one slot.', citations: cites(90) },
    { ...card, ...item('b'), kind: 'cloze', front: 'Lists keep {{c1::chaining::how?}} simple.', back: '', citations: cites(120) },
  ];
  const { media } = await answered(<CardsView lecture={lecture} />, { '/lectures/l/artifacts/flashcards': made({ cards }) });
  await userEvent.press(await screen.findByText('What is a collision?'));
  expect(screen.getByText('Two keys in one slot.')).toBeTruthy();
  await userEvent.press(screen.getByLabelText('Play from 1:30: as it was said'));
  expect(media.told).toEqual(played(90));
  await userEvent.press(screen.getByText('Next card'));
  expect(screen.getByText('Card 2 of 2 · easy')).toBeTruthy();
  expect(screen.queryByLabelText(/Play from/)).toBeNull();
  expect(screen.getByText('[how?]')).toBeTruthy();
  await userEvent.press(screen.getByText('Show the answer'));
  expect(screen.getByText('chaining')).toBeTruthy();
  await userEvent.press(screen.getByText('Previous card'));
  expect(screen.queryByText('Two keys in one slot.')).toBeNull();
});

test('questions: answers are hidden until they are asked for', async () => {
  const question = { options: [], markingPoints: [], threadRef: null, explanation: '' };
  const questions = [
    { ...question, ...item('a'), kind: 'true-false', question: 'Is it linear?', answer: 'False', citations: cites(60) },
    { ...question, ...item('b'), kind: 'multiple-choice', question: 'Which?', options: ['Lists', 'Trees'], answer: 'Lists', explanation: 'As said.', markingPoints: ['names it'], citations: cites(70) },
  ];
  await answered(<QuestionsView lecture={lecture} />, { '/lectures/l/artifacts/exam-questions': made({ questions }) });
  expect(await screen.findByText('Is it linear?')).toBeTruthy();
  expect(screen.queryByText('False')).toBeNull();
  expect(screen.getByText('A. Lists')).toBeTruthy();
  const [first, second] = screen.getAllByText('Show the answer');
  await userEvent.press(first ?? screen.root);
  expect(screen.getByText('False')).toBeTruthy();
  expect(screen.queryByText('As said.')).toBeNull();
  await userEvent.press(second ?? screen.root);
  expect(screen.getByText('As said.')).toBeTruthy();
  expect(screen.getByText('• names it')).toBeTruthy();
});

test('files: what most people look for first, and why one cannot be had', async () => {
  const file = { path: '', contentType: '', sha256: '', createdAt: '' };
  const exports = [
    { ...file, type: 'json', fileName: 'Hashing.json', sizeBytes: 1_200 },
    { ...file, type: 'new-kind', fileName: 'Hashing.new', sizeBytes: 5 },
    { ...file, type: 'pdf', fileName: 'Hashing.pdf', sizeBytes: 245_000 },
  ];
  const busy = json({ code: 'unavailable', detail: '', status: 503 }, 503);
  await answered(<FilesView lecture={lecture} />, { '/lectures/l/exports': json({ lectureId: 'l', exports }), '/exports/l/pdf': busy });
  expect(await screen.findByText('245 kB · Hashing.pdf')).toBeTruthy();
  const names = screen.getAllByText(/ · Hashing\./).map((each) => within(each).getByText(/Hashing/).props.children as string);
  expect(names.map((name) => name.split(' ').at(-1))).toEqual(['Hashing.pdf', 'Hashing.json', 'Hashing.new']);
  await userEvent.press(screen.getAllByText('Download')[0] ?? screen.root);
  expect(await screen.findByText('The server is busy. Please try again.')).toBeTruthy();
});

test('threads of this lecture alone, with the way to the others', async () => {
  const occurrence = (lectureId: string, startSec: number) => ({ lectureId, startSec, endSec: startSec + 3, quote: 'as it was said' });
  const thread = { aliases: [], description: 'How keys find slots.', complexity: 2, updates: [] };
  const threads = [
    { ...thread, threadId: '1', title: 'hashing', occurrences: [occurrence('l', 30), occurrence('m', 75)] },
    { ...thread, threadId: '2', title: 'elsewhere', occurrences: [occurrence('m', 5)] },
  ];
  const { went } = await answered(<ThreadsView lecture={lecture} />, {
    '/courses/c/threads': json({ courseId: 'c', threads, pagination: {} }),
    '/lectures': json({ lectures: [{ lectureId: 'm', title: 'Trees' }], pagination: { nextCursor: null } }),
  });
  expect(await screen.findByText('hashing')).toBeTruthy();
  expect(screen.queryByText('elsewhere')).toBeNull();
  expect(screen.getByLabelText('Play from 0:30: as it was said')).toBeTruthy();
  await userEvent.press(await screen.findByText('Trees'));
  expect(went).toEqual(['/lectures/m?t=75']);
});

describe('the player', () => {
  test('plays, skips and changes its speed', async () => {
    const { media } = shown(<></>, {});
    await userEvent.press(screen.getByLabelText('+10, 10 seconds on'));
    await userEvent.press(screen.getByLabelText('Play'));
    act(() => media.emit('playing'));
    expect(screen.getByText('0:10 / 52:10')).toBeTruthy();
    await userEvent.press(screen.getByLabelText('Speed: 1×. Change it'));
    await userEvent.press(screen.getByLabelText('−10, 10 seconds back'));
    await userEvent.press(screen.getByLabelText('Pause'));
    expect(media.told).toEqual([...played(10), 'rate 1.25', 'seek 0', 'pause']);
    expect(screen.getByLabelText('Position in the lecture').props['aria-valuetext']).toBe('0:00 of 52:10');
  });

  test.each([
    [json({ code: 'not_found', detail: '', status: 404 }, 404), 'The recording has not arrived yet.'],
    [json({ code: 'deleted_by_retention', detail: '', status: 410 }, 410), 'This was deleted when its time was over.'],
    [undefined, 'The server cannot be reached. Check the connection.'],
  ])('says why nothing is heard, %#', async (answer, text) => {
    const lost = () => Promise.reject(new TypeError('Failed to fetch'));
    shown(<></>, { '/lectures/l/audio': answer ?? lost });
    await userEvent.press(screen.getByLabelText('Play'));
    expect(await screen.findByText(text)).toBeTruthy();
  });
});
