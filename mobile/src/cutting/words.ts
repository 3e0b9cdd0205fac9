import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { ApiProblem, NetworkFailure } from '../api/problem';
import { messageOf } from '../app/messages';
import { cutting as de } from '../i18n/cutting.de';
import { cutting as en } from '../i18n/cutting.en';
import { cutting as es } from '../i18n/cutting.es';
import { roughly } from '../i18n/format';
import { addStrings } from '../i18n/later';

const strings = { en: { cutting: en }, de: { cutting: de }, es: { cutting: es } };

/** The translator, with the strings of cutting. */
export function useCuttingWords() {
  const { t, i18n } = useTranslation();
  addStrings(i18n, 'cutting', strings);
  return { t, i18n };
}

type OwnCode = keyof typeof en.errors;

const isOwn = (code: string): code is OwnCode => Object.hasOwn(en.errors, code);

/** Why something was not cut, and what to do; codes that mean the same everywhere have the app's words. */
export function refusalOf(t: TFunction, failure: unknown): string {
  if (failure instanceof NetworkFailure) return t('cutting.unreachable');
  if (failure instanceof ApiProblem && isOwn(failure.code)) return t(`cutting.errors.${failure.code}`);
  return messageOf(t, failure);
}

const EXACT_SEC = 120;

/** How long a span is. */
export const lengthOf = (t: TFunction, sec: number): string =>
  sec < EXACT_SEC ? t('time.seconds', { count: Math.max(1, Math.round(sec)) }) : roughly(t, sec);
