import { useMutation, useQueryClient } from '@tanstack/react-query';

import { type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';

export type Consent = Schema<'Consent'>;
export const BASES = ['consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interests'] as const;

/** What is typed of a record. */
export interface Typed {
  readonly informed: string;
  readonly basis: (typeof BASES)[number] | null;
  /** `2026-10-05`. */
  readonly day: string;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const two = (value: number) => String(value).padStart(2, '0');

export function typedOf({ informed = null, basis = null, at = null }: Consent): Typed {
  const date = at === null ? null : new Date(at);
  const day = date === null ? '' : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return { informed: informed ?? '', basis, day };
}

/** The record, without what was left out; undefined if the day is none. A day is its noon here, so that it is that day nearby, too. */
export function consentOf({ informed, basis, day }: Typed): Consent | undefined {
  const record = { informed: informed.trim() || null, basis, at: null };
  if (day.trim() === '') return record;
  const found = DAY.exec(day.trim());
  if (found === null) return undefined;
  const [year, month, date] = found.slice(1).map(Number) as [number, number, number];
  const noon = new Date(year, month - 1, date, 12);
  return noon.getMonth() === month - 1 && noon.getDate() === date ? { ...record, at: noon.toISOString() } : undefined;
}

export function useRecordConsent(lectureId: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Consent) =>
      dataOf(api.client.PUT('/lectures/{lectureId}/consent', { params: { path: { lectureId } }, body }), api.clock.now()),
    onSuccess: () => queries.invalidateQueries({ queryKey: [api.baseUrl, 'lecture', lectureId] }),
  });
}
