import fc from 'fast-check';

import { clock } from '../i18n/format';
import { NOTHING, faultOf, goes, leadTo, parseTime, rangeOf, spanOf, tapped, typedAs } from './span';

const LENGTH = 3130.4;
const second = fc.double({ min: 0, max: LENGTH, noNaN: true });
const span = fc
  .tuple(second, second)
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => ({ startSec: Math.min(one, other), endSec: Math.max(one, other) }));

describe('a time', () => {
  test('that a clock shows is read back to the second', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 12 * 3600 }), (sec) => expect(parseTime(clock(sec))).toBe(sec)));
  });

  test.each([
    ['12:10', 730],
    [' 12 : 10 ', 730],
    ['0:07,5', 7.5],
    ['0:07.25', 7.25],
    ['75:00', 4500],
    ['1:02:09', 3729],
  ])('%s is %d seconds', (text, sec) => expect(parseTime(text)).toBe(sec));

  test.each(['', '12', '12:1', '12:60', '1:60:00', '1:2:09', '-1:00', '12:10:', 'noon', '1e3:00', '٣:٠٠'])('%s is none', (text) =>
    expect(parseTime(text)).toBeNull(),
  );

  test('is never negative or unbounded, whatever is typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d:., ]{0,12}$/)), (text) => {
        const sec = parseTime(text);
        if (sec !== null) {
          expect(sec).toBeGreaterThanOrEqual(0);
          expect(sec).toBeLessThan(101 * 3600);
        }
      }),
    );
  });
});

describe('tapping', () => {
  const sentences = Array.from({ length: 20 }, (_, index) => ({ startSec: index * 7.3, endSec: index * 7.3 + 6.1 }));
  const sentence = fc.constantFrom(...sentences);

  test('the first and the last sentence chooses all between, in either order and to their exact ends', () => {
    fc.assert(
      fc.property(sentence, sentence, (one, other) => {
        fc.pre(one !== other);
        const chosen = spanOf(tapped(tapped(NOTHING, one), other), LENGTH);
        expect(chosen).toEqual({
          startSec: Math.min(one.startSec, other.startSec),
          endSec: Math.max(one.endSec, other.endSec),
        });
        const going = sentences.filter((each) => goes(each, chosen) === 'whole');
        expect(going).toHaveLength(Math.abs(sentences.indexOf(one) - sentences.indexOf(other)) + 1);
        expect(sentences.some((each) => goes(each, chosen) === 'part')).toBe(false);
      }),
    );
  });

  test('a third begins anew, and the same twice takes it back', () => {
    const [a, b, c] = sentences as [(typeof sentences)[0], (typeof sentences)[0], (typeof sentences)[0]];
    const both = tapped(tapped(NOTHING, a), b);
    expect(spanOf(tapped(both, c), LENGTH)).toEqual(c);
    expect(tapped(tapped(NOTHING, a), a)).toEqual(NOTHING);
  });

  test('shows whole seconds around the sentence', () => {
    const choice = tapped(NOTHING, { startSec: 12.9, endSec: 15.1 });
    expect([choice.start.typed, choice.end.typed]).toEqual(['0:12', '0:16']);
    expect(rangeOf({ startSec: 12.9, endSec: 15.1 })).toMatch(/0:12\u2009–\u20090:16/);
  });

  test('what is typed after it counts from there, and the next tap begins anew', () => {
    const choice = typedAs(tapped(NOTHING, { startSec: 12.9, endSec: 15.1 }), 'end', '0:20');
    expect(spanOf(choice, LENGTH)).toEqual({ startSec: 12.9, endSec: 20 });
    expect(spanOf(tapped(choice, { startSec: 30, endSec: 31 }), LENGTH)).toEqual({ startSec: 30, endSec: 31 });
  });
});

describe('times', () => {
  const typed = (start: string, end: string) => typedAs(typedAs(NOTHING, 'start', start), 'end', end);

  test.each([
    ['x', '0:20', 'start'],
    ['0:10', 'x', 'end'],
    ['0:20', '0:20', 'order'],
    ['0:20', '0:10', 'order'],
    ['0:10', '52:12', 'beyond'],
    ['52:12', '', 'beyond'],
    ['', '', null],
    ['0:10', '', null],
    ['', '0:10', null],
    ['0:10', '0:20', null],
    // Players round the length.
    ['0:10', '52:11', null],
  ] as const)('from %s to %s: %s', (start, end, fault) => expect(faultOf(typed(start, end), LENGTH)).toBe(fault));

  test('are a span where nothing is wrong with them, and only there', () => {
    const text = fc.oneof(fc.constantFrom('', 'x'), fc.integer({ min: 0, max: 4000 }).map(clock));
    fc.assert(
      fc.property(text, text, fc.constantFrom(LENGTH, null), (start, end, length) => {
        const choice = typed(start, end);
        const found = spanOf(choice, length);
        expect(found === null).toBe(faultOf(choice, length) !== null || start === '' || end === '');
        if (found !== null) expect(found.endSec).toBeGreaterThan(found.startSec);
      }),
    );
  });
});

test('a sentence goes as far as the span meets it', () => {
  fc.assert(
    fc.property(span, span, (sentence, cut) => {
      const common = Math.min(sentence.endSec, cut.endSec) - Math.max(sentence.startSec, cut.startSec);
      const going = goes(sentence, cut);
      expect(going === null).toBe(common <= 0);
      if (going === 'whole') expect(common).toBeCloseTo(sentence.endSec - sentence.startSec);
      expect(goes(sentence, null)).toBeNull();
    }),
  );
});

test('one hears three seconds before it, and nothing before the beginning', () => {
  expect(leadTo({ startSec: 10, endSec: 12 })).toBe(7);
  expect(leadTo({ startSec: 1, endSec: 12 })).toBe(0);
});
