import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, waitFor } from '@testing-library/react-native';
import type { ReactElement } from 'react';
import { I18nextProvider } from 'react-i18next';
import { SafeAreaProvider } from 'react-native-safe-area-context';

import { Account } from '../account/account';
import { createApi } from '../api/client';
import { ServicesProvider } from '../app/Services';
import { ThemeProvider } from '../design/theme';
import type { Device } from '../device/types';
import type { Language } from '../i18n';
import { NavigationProvider } from '../navigation/Navigation';
import type { History } from '../navigation/history';
import { type Route, pathOf } from '../navigation/routes';
import type { Media } from '../player/media.types';
import { defaults } from '../settings/store';
import { translator } from './translations';

export type Answers = Readonly<Record<string, (request: RequestInit, address: URL) => Response | Promise<Response>>>;

export interface Options {
  /** By path. What is not there is a lost network. */
  readonly answers?: Answers;
  readonly language?: Language;
  readonly device?: Device | null;
  readonly route?: Route;
  readonly openMedia?: (() => Media) | null;
  readonly account?: Account;
}

// The library's insets are of the device, which has physical sides.
// eslint-disable-next-line no-restricted-syntax
const metrics = { frame: { x: 0, y: 0, width: 390, height: 844 }, insets: { top: 0, left: 0, right: 0, bottom: 0 } };

/** Renders a view with an API that answers as told, and a history that records. */
export function renderView(view: ReactElement, options: Options = {}) {
  const { answers = {}, language = 'en', device = null, route = { name: 'library' }, openMedia = null, account = new Account() } = options;
  const went: string[] = [];
  const history: History = {
    current: () => route,
    push: (to) => went.push(pathOf(to)),
    replace: (to) => went.push(pathOf(to)),
    back: (parent) => went.push(pathOf(parent)),
    subscribe: () => () => undefined,
    href: pathOf,
  };
  const api = createApi({
    baseUrl: 'https://api.test',
    fetch: (async (address: string, request: RequestInit) => {
      const answer = answers[`${request.method === 'GET' ? '' : `${request.method} `}${new URL(address).pathname}`];
      if (answer === undefined) throw new TypeError('Failed to fetch');
      return answer(request, new URL(address));
    }) as unknown as typeof fetch,
    // What waits, waits as long as the test.
    clock: { now: () => 0, random: () => 0, sleep: () => new Promise(() => undefined) },
    retry: { attempts: 1, firstWaitMs: 0, longestWaitMs: 0 },
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: 0 }, mutations: { gcTime: 0 } } });
  const services = { api, settings: defaults, account, device, builtInAddress: 'https://api.test', changeSettings: async () => undefined, openMedia };
  const made = render(
    <SafeAreaProvider initialMetrics={metrics}>
      <ThemeProvider scheme="light">
        <I18nextProvider i18n={translator(language)}>
          <QueryClientProvider client={queries}>
            <ServicesProvider value={services}>
              <NavigationProvider history={history}>{view}</NavigationProvider>
            </ServicesProvider>
          </QueryClientProvider>
        </I18nextProvider>
      </ThemeProvider>
    </SafeAreaProvider>,
  );
  const pending = () => queries.isFetching() + queries.isMutating();
  /** All that was asked is answered and shown, and what is asked because of it: nothing changes after the test. */
  const settled = async () => {
    do {
      await waitFor(() => expect(pending()).toBe(0));
      // Views are notified of answers in a later task.
      await act(() => new Promise<void>((done) => setTimeout(done, 0)));
    } while (pending() > 0);
  };
  return { ...made, went, settled };
}

export const json = (body: unknown, status = 200) => () =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

export const never = () => new Promise<Response>(() => undefined);
