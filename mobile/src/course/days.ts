const LONGEST = 3650;

/** What was typed as a number of days: null if it is empty, undefined if it is none. */
export function daysOf(text: string): number | null | undefined {
  const typed = text.trim();
  if (typed === '') return null;
  const days = /^\d+$/.test(typed) ? Number(typed) : 0;
  return days >= 1 && days <= LONGEST ? days : undefined;
}
