import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { i18n } from 'i18next';
import { type ReactNode, Suspense, lazy, useCallback, useEffect, useMemo, useState } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';
import { View } from 'react-native';

import { AccountGate } from '../account/AccountGate';
import type { Account } from '../account/account';
import { portsOf } from '../account/connecting';
import { createApi } from '../api/client';
import { Button } from '../design/Button';
import { EmptyState } from '../design/EmptyState';
import { Screen } from '../design/Screen';
import { ThemeProvider } from '../design/theme';
import type { Device } from '../device/types';
import { HomeScreen, LibraryScreen } from '../library/LibraryScreen';
import { NavigationProvider, useHistory, useRoute } from '../navigation/Navigation';
import type { History } from '../navigation/history';
import { openMedia } from '../player/media';
import { type Settings, saveSettings } from '../settings/store';
import { ErrorBoundary } from './ErrorBoundary';
import { Layout, useIsWide } from './Layout';
import { ServicesProvider, useServices } from './Services';
import { platform } from './platform';

const CourseScreen = lazy(() => import('../course/CourseScreen'));
const CutScreen = lazy(() => import('../cutting').then(({ CutScreen: view }) => ({ default: view })));
const LectureScreen = lazy(() => import('../lecture/LectureScreen'));
const RecordScreen = lazy(() => import('../record/RecordScreen'));
const NameScreen = lazy(() => import('../record/NameScreen'));
const SearchScreen = lazy(() => import('../search/SearchScreen'));
const OperatorScreen = lazy(() => import('../operator/OperatorScreen'));
const SettingsScreen = lazy(() => import('../settings/SettingsScreen'));

export interface Props {
  readonly settings: Settings;
  readonly onSettings: (settings: Settings) => void;
  readonly history: History;
  readonly builtInAddress: string;
  readonly device: Device | null;
  readonly account: Account;
  readonly i18n: i18n;
}

/** The object graph of the app, and the view of the current place. */
export function Root({ settings, onSettings, history, builtInAddress, device, account, i18n }: Props) {
  const baseUrl = settings.apiBaseUrl ?? builtInAddress;
  const api = useMemo(() => createApi({ baseUrl, fetch: platform.fetch, token: account.token }), [baseUrl, account]);
  const connect = useCallback(() => account.connect(portsOf(baseUrl, platform.fetch)), [account, baseUrl]);
  useEffect(() => void connect(), [connect]);
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 2_000 } } }));
  useEffect(() => platform.setLanguage(i18n.language), [i18n]);
  useEffect(() => device?.uploads.setWifiOnly(settings.wifiOnly), [device, settings.wifiOnly]);
  const changeSettings = async (change: Partial<Settings>) => {
    const next = { ...settings, ...change };
    await saveSettings(next);
    onSettings(next);
  };
  return (
    <ThemeProvider>
      <I18nextProvider i18n={i18n}>
        <QueryClientProvider client={queries}>
          <ServicesProvider value={{ api, settings, account, builtInAddress, changeSettings, device, openMedia }}>
            <NavigationProvider history={history}>
              <AccountGate account={account} device={device} onRetry={() => void connect()}>
                <Layout>
                  <Frame>
                    <Place />
                  </Frame>
                </Layout>
              </AccountGate>
            </NavigationProvider>
          </ServicesProvider>
        </QueryClientProvider>
      </I18nextProvider>
    </ThemeProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const route = useRoute();
  return (
    <ErrorBoundary
      key={route.name}
      title={t('errors.crash')}
      detail={t('errors.unknown')}
      retry={t('common.retry')}
      onRetry={platform.restart}
    >
      <Suspense fallback={<View />}>{children}</Suspense>
    </ErrorBoundary>
  );
}

function Place() {
  const route = useRoute();
  const wide = useIsWide();
  const { device } = useServices();
  switch (route.name) {
    case 'library':
      return wide ? <HomeScreen /> : <LibraryScreen />;
    case 'lecture':
      return (
        <LectureScreen
          key={route.lectureId}
          lectureId={route.lectureId}
          {...(route.at === undefined ? {} : { at: route.at })}
        />
      );
    case 'cutting':
      return <CutScreen key={route.lectureId} lectureId={route.lectureId} />;
    case 'course':
      return <CourseScreen key={route.courseId} courseId={route.courseId} />;
    case 'record':
      return device === null ? <NotFound /> : <RecordScreen />;
    case 'recording':
      return device === null ? <NotFound /> : <NameScreen key={route.recordingId} recordingId={route.recordingId} />;
    case 'search':
      return <SearchScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'operator':
      return <OperatorScreen />;
    case 'not_found':
      return <NotFound />;
  }
}

function NotFound() {
  const { t } = useTranslation();
  const history = useHistory();
  return (
    <Screen title={t('notFound.title')}>
      <EmptyState detail={t('notFound.detail')}>
        <Button kind="primary" label={t('notFound.home')} onPress={() => history.replace({ name: 'library' })} />
      </EmptyState>
    </Screen>
  );
}
