import { type Palette, dark, light } from './tokens';

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

type Pair = readonly [text: keyof Palette, back: keyof Palette, least: number];

const pairs: Pair[] = [
  ['ink', 'paper', 7],
  ['ink', 'sheet', 7],
  ['ink', 'accentSoft', 7],
  ['ink', 'markSoft', 7],
  ['ink', 'recordSoft', 7],
  ...(['soft', 'accent', 'mark', 'record', 'ok'] as const).flatMap<Pair>((tone) => [
    [tone, 'paper', 4.5],
    [tone, 'sheet', 4.5],
  ]),
  ['soft', 'accentSoft', 4.5],
  ['accent', 'accentSoft', 4.5],
  ['mark', 'markSoft', 4.5],
  ['ok', 'okSoft', 4.5],
  ['record', 'recordSoft', 4.5],
  ['onAccent', 'accent', 4.5],
  ['onRecord', 'record', 4.5],
  ['edge', 'sheet', 3],
  ['edge', 'paper', 3],
];

describe.each([
  ['light', light],
  ['dark', dark],
])('%s', (_, palette) => {
  test.each(pairs)('%s on %s has a contrast of %s', (text, back, least) => {
    expect(contrast(palette[text], palette[back])).toBeGreaterThanOrEqual(least);
  });
});
