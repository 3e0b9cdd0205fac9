import { useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { useServices } from '../app/Services';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { useRecordings, useUploads } from '../device/hooks';
import { holder } from './connecting';
import { removeRecordings } from './removal';
import { SignInError } from './types';

/** In the settings: who is signed in, whether the address is confirmed, and signing out. */
export function AccountSection() {
  const { t } = useTranslation();
  const { account, device } = useServices();
  const state = useSyncExternalStore(account.subscribe, account.get);
  const queries = useQueryClient();
  const recordings = useRecordings() ?? [];
  const uploads = useUploads();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<SignInError | null>(null);
  if (state.kind !== 'signed_in') return null;
  const { session, user } = state;
  const confirmed = new Set(uploads.filter(({ upload }) => upload.phase === 'confirmed').map(({ upload }) => upload.id));
  const lost = recordings.filter(({ id }) => !confirmed.has(id)).length;

  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setFailed(null);
    try {
      await act();
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      setFailed(error);
    } finally {
      setBusy(false);
    }
  };
  const signOut = () =>
    attempt(async () => {
      if (device !== null) await removeRecordings(device);
      await holder.forget();
      queries.clear();
      await session.signOut();
    });
  return (
    <View style={styles.section}>
      <View style={styles.user}>
        <Text as="label">{t('account.signedInAs')}</Text>
        <Text tone="soft">{user.email ?? user.id}</Text>
      </View>
      {failed === null ? null : <Banner kind="error" title={t(`account.failures.${failed.code}`)} />}
      {user.email === null || user.emailVerified ? null : (
        <>
          <Banner
            kind="info"
            title={t('account.confirmTitle')}
            detail={t('account.confirmDetail', { email: user.email })}
            action={{ label: t('account.confirmAgain'), onPress: () => void attempt(() => session.sendConfirmation()) }}
          />
          <Button label={t('account.confirmDone')} busy={busy} onPress={() => void attempt(() => session.refresh())} />
        </>
      )}
      <Button label={t('account.signOut')} onPress={() => setAsking(true)} />
      <Sheet title={t('account.signOutTitle')} closeLabel={t('common.close')} visible={asking} onClose={() => setAsking(false)}>
        <Text>
          {lost === 0 ? t('account.signOutNothing') : t('account.signOutLoses', { count: lost })}
        </Text>
        <Button
          kind={lost === 0 ? 'primary' : 'danger'}
          label={lost === 0 ? t('account.signOut') : t('account.signOutDelete')}
          busy={busy}
          onPress={() => void signOut()}
        />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </View>
  );
}

const styles = StyleSheet.create({ section: { gap: space.m }, user: { gap: space.xs } });
