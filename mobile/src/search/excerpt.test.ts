import fc from 'fast-check';

import { partsOf, secondOf } from './excerpt';

const found = (start: number, end: number, startSec = 0) => ({ start, end, startSec });

test('highlights are counted in code points', () => {
  expect(partsOf('a 🎓 hash table', [found(4, 8)])).toEqual([
    { text: 'a 🎓 ', found: false },
    { text: 'hash', found: true },
    { text: ' table', found: false },
  ]);
});

test('whatever the highlights, the excerpt is shown whole', () => {
  const place = fc.tuple(fc.nat(40), fc.nat(10)).map(([start, length]) => found(start, start + length));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.array(place, { maxLength: 6 }), (text, places) =>
      expect(partsOf(text, places).map((part) => part.text).join('')).toBe(text),
    ),
  );
});

test('a hit begins with the sentence of the first word that was found', () => {
  expect(secondOf({ startSec: 10, highlights: [{ ...found(0, 1, 31), utteranceId: 2 }, { ...found(3, 4, 24), utteranceId: 1 }] })).toBe(24);
  expect(secondOf({ startSec: 10, highlights: [] })).toBe(10);
});
