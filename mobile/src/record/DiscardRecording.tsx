import { useState } from 'react';
import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { useDevice } from '../device/hooks';
import type { Recording } from './types';

/** Deletes a recording that is nowhere else, once the student has confirmed it. */
export function DiscardRecording({ recording, onDiscarded }: { recording: Recording; onDiscarded?: () => void }) {
  const { t } = useTranslation();
  const { recordings, uploads } = useDevice();
  const [asking, setAsking] = useState(false);
  const discard = async () => {
    await uploads.remove(recording.id);
    await recordings.delete(recording.id);
    onDiscarded?.();
  };
  return (
    <View style={styles.start}>
      <Button label={t('record.discard')} onPress={() => setAsking(true)} />
      <Sheet title={t('record.discardTitle')} closeLabel={t('common.close')} visible={asking} onClose={() => setAsking(false)}>
        <Text>{t('record.discardDetail')}</Text>
        <Button kind="danger" label={t('record.discardAction')} onPress={() => void discard()} />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </View>
  );
}

const styles = StyleSheet.create({
  start: { alignItems: 'flex-start' },
});
