import { type ReactNode, Suspense, lazy, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { EmptyState } from '../design/EmptyState';
import { Screen } from '../design/Screen';
import type { Device } from '../device/types';
import type { Account } from './account';
import { holder } from './connecting';
import type { Session, User } from './types';

const SignInScreen = lazy(() => import('./SignInScreen'));
const OtherHolder = lazy(() => import('./OtherHolder'));

export interface Props {
  readonly account: Account;
  readonly device: Device | null;
  readonly onRetry: () => void;
  readonly children: ReactNode;
}

/** Shows the app to users who may use the server, and the sign-in to all others. */
export function AccountGate({ account, device, onRetry, children }: Props) {
  const { t } = useTranslation();
  const state = useSyncExternalStore(account.subscribe, account.get);
  switch (state.kind) {
    case 'opening':
      return <View />;
    case 'not_needed':
      return <>{children}</>;
    case 'unreachable':
      return (
        <Screen title={t('common.appName')}>
          <EmptyState title={messageOf(t, state.failure)}>
            <Button kind="primary" label={t('common.retry')} onPress={onRetry} />
          </EmptyState>
        </Screen>
      );
    case 'not_possible':
      return (
        <Screen title={t('common.appName')}>
          <EmptyState title={t('account.notPossible')} />
        </Screen>
      );
    case 'signed_out':
      return (
        <Suspense fallback={<View />}>
          <SignInScreen session={state.session} />
        </Suspense>
      );
    case 'signed_in':
      return (
        <Held key={state.user.id} user={state.user} session={state.session} device={device}>
          {children}
        </Held>
      );
  }
}

/** What is on the device is shown to whom it belongs. */
function Held({ user, session, device, children }: { user: User; session: Session; device: Device | null; children: ReactNode }) {
  const [held, setHeld] = useState<'asking' | 'own' | 'anothers'>('asking');
  const take = async () => {
    await holder.set(user.id);
    setHeld('own');
  };
  useEffect(() => {
    void holder.get().then((found) => {
      const empty = (device?.recordings.get() ?? []).length === 0;
      if (found === null || found === user.id || empty) return take();
      setHeld('anothers');
    });
    // Once for each user.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  if (held === 'asking') return <View />;
  if (held === 'own' || device === null) return <>{children}</>;
  return (
    <Suspense fallback={<View />}>
      <OtherHolder device={device} session={session} onRemoved={() => void take()} />
    </Suspense>
  );
}
