import { translations, translator } from '../testing/translations';
import { clock, fileSize, roughly, timeLeft } from './format';
import { languages, loadI18n, preferredLanguage } from './index';

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...leaves(value, `${prefix}${key}.`)],
    ),
  );
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
const stem = (key: string) => key.replace(PLURAL, '');
const placeholders = (text: string) => new Set(text.match(/{{\w+}}/g) ?? []);

const { en, de, es } = translations;
const english = leaves(en);

describe.each(Object.entries(translations))('%s', (language, tree) => {
  const own = leaves(tree);

  test('has every string and no other', () => {
    const stems = (keys: Iterable<string>) => [...new Set([...keys].map(stem))].sort();
    expect(stems(own.keys())).toEqual(stems(english.keys()));
  });

  test('has each plural category of its language', () => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const counted = new Set([...own.keys()].filter((key) => PLURAL.test(key)).map(stem));
    const missing = [...counted].flatMap((key) =>
      categories.map((category) => `${key}_${category}`).filter((form) => !own.has(form)),
    );
    expect(missing).toEqual([]);
  });

  test('uses the placeholders of the English string, and says something', () => {
    for (const [key, text] of own) {
      const reference = english.get(key) ?? english.get(`${stem(key)}_other`) ?? '';
      expect([key, placeholders(text)]).toEqual([key, placeholders(reference)]);
      expect(text.trim()).not.toBe('');
    }
  });
});

test('a translation is not the English string, but for names', () => {
  const same = (tree: Tree) => [...leaves(tree)].filter(([key, text]) => english.get(key) === text).map(([key]) => key);
  expect(same(de).sort()).toEqual(['common.appName', 'lecture.upload', 'record.pause', 'upload.pause']);
  expect(same(es)).toEqual(['common.appName']);
});

test.each(languages)('a translator to %s is loaded', async (language) => {
  const { t, language: loaded } = await loadI18n(language);
  expect(loaded).toBe(language);
  expect(t('common.save')).toBe(translations[language].common.save);
});

test('the first language of the device that there is', () => {
  expect(preferredLanguage(['fr', 'de', 'en'])).toBe('de');
  expect(preferredLanguage(['fr', null])).toBe('en');
});

test('durations are in words and not too exact', () => {
  const { t } = translator('en');
  expect(roughly(t, 1)).toBe('10 seconds');
  expect(roughly(t, 41)).toBe('50 seconds');
  expect(roughly(t, 60)).toBe('1 minute');
  expect(roughly(t, 54 * 60)).toBe('54 minutes');
  expect(roughly(t, 2 * 3600)).toBe('2 hours');
  expect(timeLeft(translator('de').t, 200)).toBe('noch etwa 3 Minuten');
});

test('clock and size', () => {
  expect(clock(7.9)).toBe('0:07');
  expect(clock(3729)).toBe('1:02:09');
  expect(fileSize(650, 'en')).toBe('650 bytes');
  expect(fileSize(61_200_000, 'en')).toBe('61 MB');
  expect(fileSize(1_540_000, 'de')).toBe('1,5 MB');
});
