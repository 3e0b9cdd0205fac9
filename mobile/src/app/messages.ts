import type { TFunction } from 'i18next';

import { ApiProblem, NetworkFailure } from '../api/problem';
import { en } from '../i18n/en';

type KnownCode = keyof typeof en.errors.codes;

const isKnown = (code: string): code is KnownCode => Object.hasOwn(en.errors.codes, code);

/** What is said about a failure's code. A code that is not known is said to be our fault, as the API guide asks. */
export function messageOfCode(t: TFunction, code: string): string {
  return isKnown(code) ? t(`errors.codes.${code}`) : t('errors.unknown');
}

export function messageOf(t: TFunction, failure: unknown): string {
  if (failure instanceof NetworkFailure) return t('errors.network');
  if (!(failure instanceof ApiProblem)) return t('errors.unknown');
  const message = messageOfCode(t, failure.code);
  // The request id leads to the server's log entries of what is not explained by its code.
  if (isKnown(failure.code) || failure.requestId === null) return message;
  return t('errors.reference', { message, requestId: failure.requestId });
}
