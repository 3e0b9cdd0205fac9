import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Screen } from '../design/Screen';
import type { Device } from '../device/types';
import { removeRecordings } from './removal';
import type { Session } from './types';

export interface Props {
  readonly device: Device;
  readonly session: Session;
  readonly onRemoved: () => void;
}

/** The device holds recordings of a user who did not sign out. Other users do not see them, and decide on their deletion. */
export default function OtherHolder({ device, session, onRemoved }: Props) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const count = (device.recordings.get() ?? []).length;
  const remove = async () => {
    setBusy(true);
    await removeRecordings(device);
    onRemoved();
  };
  return (
    <Screen title={t('account.othersTitle')}>
      <Banner kind="warning" title={t('account.othersCount', { count })} detail={t('account.othersDetail')} />
      <Button kind="primary" label={t('account.othersLeave')} onPress={() => void session.signOut()} />
      <Button label={t('account.othersDelete')} busy={busy} onPress={() => void remove()} />
    </Screen>
  );
}
