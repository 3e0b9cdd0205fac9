import { fireEvent, screen, userEvent } from '@testing-library/react-native';
import type { ReactElement } from 'react';

import type { Lecture } from '../api/client';
import { json, renderView } from '../testing/render';
import CardsView from './CardsView';
import KeyTermsView from './KeyTermsView';
import QuestionsView from './QuestionsView';

const lecture = { lectureId: 'l', courseId: 'c' } as Lecture;
const citations = [{ startSec: 90, endSec: 94, quote: 'as it was said' }];
const item = (id: string) => ({ id, own: false, edited: false, hidden: false, citations, threadRef: null });

interface Item {
  readonly id: string;
  readonly own: boolean;
  readonly [field: string]: unknown;
}

const LISTS = { flashcards: 'cards', 'key-terms': 'terms', 'exam-questions': 'questions' } as const;

/** An artifact of which each version has its own tag, and a server that takes changes of the current one only. */
function served(view: ReactElement, type: keyof typeof LISTS, items: Item[]) {
  let version = 1;
  const etag = () => `"v${version}"`;
  const server = {
    items: [...items],
    received: [] as unknown[],
    change(next: Item[]) {
      server.items = next;
      version += 1;
    },
  };
  const isCurrent = (request: RequestInit) => (request.headers as Record<string, string>)['if-match'] === etag();
  const conflict = json({ code: 'material_changed', detail: '', status: 412 }, 412);
  const done = () => json({ etag: etag() })();
  const each = items.map(({ id }) => ({
    [`PATCH /lectures/l/items/${id}`]: (request: RequestInit) => {
      if (!isCurrent(request)) return conflict();
      const changes = JSON.parse(String(request.body)) as object;
      server.received.push({ id, ...changes });
      server.change(server.items.map((old) => (old.id === id ? { ...old, ...changes } : old)));
      return done();
    },
    [`DELETE /lectures/l/items/${id}`]: (request: RequestInit) => {
      if (!isCurrent(request)) return conflict();
      server.received.push({ id, removed: true });
      server.change(server.items.filter((old) => old.id !== id || !old.own));
      return done();
    },
  }));
  const answers = {
    '/lectures/l/artifacts': json({ lectureId: 'l', outdated: false, artifacts: [] }),
    [`/lectures/l/artifacts/${type}`]: () =>
      new Response(
        JSON.stringify({
          lectureId: 'l',
          presetId: 'exam',
          provider: 'extractive',
          generatedAt: '2026-11-12T10:00:00Z',
          grounding: { items: 3, verified: 3, repaired: 0, dropped: 0, checks: ['quotes'] },
          content: { [LISTS[type]]: server.items },
        }),
        { headers: { ETag: etag(), 'Content-Type': 'application/json' } },
      ),
    'POST /lectures/l/items': (request: RequestInit) => {
      const { item: added } = JSON.parse(String(request.body)) as { item: object };
      server.received.push(added);
      server.change([...server.items, { ...item('new'), difficulty: 'medium', options: [], markingPoints: [], ...added, kind: 'basic', own: true, citations: [] }]);
      return done();
    },
    ...Object.assign({}, ...each),
  };
  const { settled } = renderView(view, { answers });
  return { server, settled };
}

const card = (id: string, front: string, back = 'Two keys in one slot.') =>
  ({ ...item(id), key: id, guid: id, kind: 'basic', difficulty: 'easy', tags: [], front, back }) as Item;
const cards = [card('a', 'What is a collision?'), card('b', 'What is a table?')];

test('a card is worded otherwise', async () => {
  const { server, settled } = served(<CardsView lecture={lecture} />, 'flashcards', cards);
  await userEvent.press(await screen.findByText('Edit'));
  fireEvent.changeText(screen.getByLabelText('Back'), ' A clash of keys. ');
  await userEvent.press(screen.getByText('Save'));
  await settled();
  expect(server.received).toEqual([{ id: 'a', front: 'What is a collision?', back: 'A clash of keys.' }]);
  expect(screen.queryByText('Save')).toBeNull();
  await userEvent.press(screen.getByText('What is a collision?'));
  expect(screen.getByText('A clash of keys.')).toBeTruthy();
});

test('what may not be missing is asked for', async () => {
  const { server } = served(<CardsView lecture={lecture} />, 'flashcards', cards);
  await userEvent.press(await screen.findByText('Edit'));
  fireEvent.changeText(screen.getByLabelText('Front'), '   ');
  await userEvent.press(screen.getByText('Save'));
  expect(server.received).toEqual([]);
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
});

test('a card is hidden, and shown again', async () => {
  const { server, settled } = served(<CardsView lecture={lecture} />, 'flashcards', cards);
  await userEvent.press(await screen.findByText('Hide'));
  await settled();
  expect(screen.queryByText('What is a collision?')).toBeNull();
  expect(screen.getByText('Card 1 of 1 · easy')).toBeTruthy();
  await userEvent.press(screen.getByText('Show 1 hidden'));
  expect(screen.getByText('What is a collision?')).toBeTruthy();
  await userEvent.press(screen.getByText('Show again'));
  await settled();
  expect(screen.getByText('Card 1 of 2 · easy')).toBeTruthy();
  expect(server.received).toEqual([
    { id: 'a', hidden: true },
    { id: 'a', hidden: false },
  ]);
});

test('the last card can be hidden', async () => {
  const { settled } = served(<CardsView lecture={lecture} />, 'flashcards', cards);
  await userEvent.press(await screen.findByText('Previous card'));
  expect(screen.getByText('What is a table?')).toBeTruthy();
  await userEvent.press(screen.getByText('Hide'));
  await settled();
  expect(screen.getByText('Card 1 of 1 · easy')).toBeTruthy();
  await userEvent.press(screen.getByText('Hide'));
  await settled();
  expect(screen.getByText('There is none of this for this lecture')).toBeTruthy();
  expect(screen.getByText('Show 2 hidden')).toBeTruthy();
});

test('a card that was changed meanwhile is read again, and what was typed is saved then', async () => {
  const { server, settled } = served(<CardsView lecture={lecture} />, 'flashcards', cards);
  await userEvent.press(await screen.findByText('Edit'));
  server.change([card('a', 'What is a collision?', 'From the laptop.'), ...cards.slice(1)]);
  fireEvent.changeText(screen.getByLabelText('Back'), 'From the phone.');
  await userEvent.press(screen.getByText('Save'));
  expect(await screen.findByText('The material was changed meanwhile')).toBeTruthy();
  await userEvent.press(screen.getByText('Read it again'));
  expect(await screen.findByText('It reads now: From the laptop.')).toBeTruthy();
  await userEvent.press(screen.getByText('Save'));
  await settled();
  expect(server.received).toEqual([{ id: 'a', front: 'What is a collision?', back: 'From the phone.' }]);
});

test('a card that is gone meanwhile cannot be saved', async () => {
  const { server } = served(<CardsView lecture={lecture} />, 'flashcards', cards);
  await userEvent.press(await screen.findByText('Edit'));
  server.change(cards.slice(1));
  await userEvent.press(screen.getByText('Save'));
  await userEvent.press(await screen.findByText('Read it again'));
  expect(await screen.findByText('This is no longer in the material')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  expect(server.received).toEqual([]);
});

test('hiding what was changed meanwhile reads it again and works then', async () => {
  const { server, settled } = served(<CardsView lecture={lecture} />, 'flashcards', cards);
  await screen.findByText('Hide');
  server.change([card('a', 'What is a clash?'), ...cards.slice(1)]);
  await userEvent.press(screen.getByText('Hide'));
  expect(await screen.findByText(/Please try once more/)).toBeTruthy();
  expect(await screen.findByText('What is a clash?')).toBeTruthy();
  await userEvent.press(screen.getByText('Hide'));
  await settled();
  expect(server.received).toEqual([{ id: 'a', hidden: true }]);
});

test('a card is added and deleted, and cites nothing', async () => {
  const { server, settled } = served(<CardsView lecture={lecture} />, 'flashcards', [...cards, { ...card('new', ''), hidden: true } as Item]);
  await userEvent.press(await screen.findByText('Add a card'));
  fireEvent.changeText(screen.getByLabelText('Front'), 'Mine?');
  fireEvent.changeText(screen.getByLabelText('Back'), 'Yes.');
  server.change(cards);
  await userEvent.press(screen.getByText('Save'));
  await settled();
  expect(server.received).toEqual([{ kind: 'flashcard', front: 'Mine?', back: 'Yes.' }]);
  await userEvent.press(screen.getByText('Previous card'));
  await userEvent.press(screen.getByText('Mine?'));
  expect(screen.getByText('Added by you')).toBeTruthy();
  expect(screen.queryByText('1:30')).toBeNull();
  await userEvent.press(screen.getByText('Edit'));
  await userEvent.press(screen.getByText('Delete'));
  await settled();
  expect(server.received.at(-1)).toEqual({ id: 'new', removed: true });
  expect(screen.queryByText('Mine?')).toBeNull();
});

test('a change is taken back', async () => {
  const { server, settled } = served(<CardsView lecture={lecture} />, 'flashcards', [{ ...cards[0], edited: true } as unknown as Item]);
  expect(await screen.findByText('Changed by you')).toBeTruthy();
  await userEvent.press(screen.getByText('Edit'));
  await userEvent.press(screen.getByText('As it was made'));
  await settled();
  expect(server.received).toEqual([{ id: 'a', removed: true }]);
});

test('the example of a term may be left empty', async () => {
  const terms = [{ ...item('t'), term: 'collision', definition: 'Two keys.', example: 'Birthdays', firstSaidSec: 90 }];
  const { server, settled } = served(<KeyTermsView lecture={lecture} />, 'key-terms', terms);
  await userEvent.press(await screen.findByText('Edit'));
  fireEvent.changeText(screen.getByLabelText('Example'), '');
  await userEvent.press(screen.getByText('Save'));
  await settled();
  expect(server.received).toEqual([{ id: 't', term: 'collision', definition: 'Two keys.', example: null }]);
});

test('the right option stays the right one, however it is worded', async () => {
  const questions = [
    {
      ...item('q'),
      kind: 'multiple-choice',
      question: 'Which?',
      options: ['Lists', 'Trees'],
      answer: 'Trees',
      explanation: '',
      markingPoints: [],
    },
  ];
  const { server, settled } = served(<QuestionsView lecture={lecture} />, 'exam-questions', questions);
  await userEvent.press(await screen.findByText('Edit'));
  expect(screen.queryByLabelText('Answer')).toBeNull();
  fireEvent.changeText(screen.getByLabelText('Option 2'), 'Search trees');
  await userEvent.press(screen.getByText('Save'));
  await settled();
  expect(server.received).toEqual([
    { id: 'q', question: 'Which?', explanation: null, options: ['Lists', 'Search trees'], answer: 'Search trees' },
  ]);
});
