import fc from 'fast-check';

import type { Utterance } from '../api/client';
import { clozeParts } from './cloze';
import { blockOf, blocksOf, byUtterance, differences, sameIn, utteranceAt } from './utterances';

const starts = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 60 }).map((all) => all.sort((a, b) => a - b));

test('the utterance at a time is the last that has begun', () => {
  fc.assert(
    fc.property(starts, fc.oneof(fc.integer({ min: -1, max: 600 }), fc.double({ min: -1, max: 600, noNaN: true })), (all, sec) => {
      const found = utteranceAt(all.map((startSec) => ({ startSec })), sec);
      expect(found).toBe(all.filter((startSec) => startSec <= sec).length - 1);
    }),
  );
});

test('a mark belongs to the last utterance that had begun', () => {
  const marks = [0.5, 2, 6.9, 7, 99].map((atSec) => ({ atSec }));
  const found = byUtterance([{ startSec: 2 }, { startSec: 7 }, { startSec: 20 }], marks);
  expect([...found].map(([index, each]) => [index, each.map(({ atSec }) => atSec)])).toEqual([
    [-1, [0.5]],
    [0, [2, 6.9]],
    [1, [7]],
    [2, [99]],
  ]);
});

test.each([
  [-1, -1],
  [0, 0],
  [4.99, 0],
  [5, 1],
  [9, 2],
  [1_000, 2],
])('at %s s it is number %s', (sec, index) => {
  expect(utteranceAt([{ startSec: 0 }, { startSec: 5 }, { startSec: 9 }], sec)).toBe(index);
});

const utterance = (id: number, text: string): Utterance => ({ id, text, startSec: id, endSec: id + 1, confidence: 1, words: [] });

test('blocks hold every utterance once, in order, where blockOf says', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 130 }), (texts) => {
      const all = texts.map((text, id) => utterance(id, text));
      const blocks = blocksOf(all);
      expect(blocks.flatMap((block) => block.utterances)).toEqual(all);
      blocks.forEach((block, index) => {
        expect(block.height).toBeGreaterThan(0);
        block.utterances.forEach(({ id }, within) => {
          expect(id).toBe(block.first + within);
          expect(blockOf(id)).toBe(index);
        });
      });
    }),
  );
});

test.each([
  ['A {{c1::hash}} of {{c2::keys::plural}}.', ['A ', '[hash|…]', ' of ', '[keys|plural]', '.']],
  ['{{c1::all}}', ['[all|…]']],
  ['no gap', ['no gap']],
  ['{{c1::a {b} c}}{{open', ['[a {b} c|…]', '{{open']],
  ['', []],
])('gaps of %s', (front, expected) => {
  expect(clozeParts(front).map(({ text, hint }) => (hint === null ? text : `[${text}|${hint}]`))).toEqual(expected);
});

test('any text is shown whole', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(clozeParts(text).map((part) => part.text).join('').length).toBeLessThanOrEqual(text.length)));
  fc.assert(
    fc.property(fc.string().filter((text) => !text.includes('{{')), (text) =>
      expect(clozeParts(text).map((part) => part.text).join('')).toBe(text),
    ),
  );
});

test('what differs is found by time, as ids change with removals and a correction may begin later', () => {
  const said = (startSec: number, endSec: number, text: string) => ({ startSec, endSec, text });
  const then = [said(0, 4, 'a'), said(4, 8, 'b'), said(8, 12, 'c')];
  expect(differences(then, then)).toEqual([]);
  expect(differences([said(1, 4, 'A'), said(8, 12, 'c'), said(12, 15, 'd')], then)).toEqual([
    { startSec: 0, then: 'a', now: 'A' },
    { startSec: 4, then: 'b', now: null },
    { startSec: 12, then: null, now: 'd' },
  ]);
  expect(sameIn(then, said(5, 7, 'B'))).toBe(then[1]);
  expect(sameIn(then, said(12, 13, 'B'))).toBeUndefined();
});
