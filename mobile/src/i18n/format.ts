import type { TFunction } from 'i18next';

/** Seconds as a clock: `4:07`, `1:02:09`. Left to right in every language. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A duration in words, no more exact than it is known: steps of ten seconds, then minutes, then hours. */
export function roughly(t: TFunction, seconds: number): string {
  if (seconds < 55) return t('time.seconds', { count: Math.max(10, Math.ceil(seconds / 10) * 10) });
  if (seconds < 90 * 60) return t('time.minutes', { count: Math.max(1, Math.round(seconds / 60)) });
  return t('time.hours', { count: Math.round(seconds / 3600) });
}

export function timeLeft(t: TFunction, seconds: number): string {
  return t('time.remaining', { duration: roughly(t, seconds) });
}

const STEP = 1000;
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size in the language's own notation: `61 MB`. */
export function fileSize(bytes: number, language: string): string {
  let [value, unit] = [bytes, 0];
  while (value >= STEP && unit < UNITS.length - 1) [value, unit] = [value / STEP, unit + 1];
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[unit] ?? 'byte',
    // The short form of bytes has no plural.
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

export function day(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso));
}

/** Rounded down: all of it is said only when it is true. */
export function percentage(percent: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent' }).format(Math.floor(percent) / 100);
}

/** A day and its time. */
export function moment(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}
