import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import { newId } from '../api/ids';
import { Button } from '../design/Button';
import { ProgressBar } from '../design/ProgressBar';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { useDevice } from '../device/hooks';
import { fileSize } from '../i18n/format';
import type { QueuedUpload } from './queue';
import type { Event } from './types';
import { uploadWords } from './words';

/** An upload under way, with what can be done about it. */
export function UploadStatus({ item }: { item: QueuedUpload }) {
  const { t, i18n } = useTranslation();
  const { uploads } = useDevice();
  const { text, tone, percent, action } = uploadWords(t, item);
  const { id, file, offset } = item.upload;
  const events: Record<'pause' | 'resume' | 'retry', () => Event> = {
    pause: () => ({ kind: 'pause' }),
    resume: () => ({ kind: 'resume' }),
    retry: () => ({ kind: 'retry', announceKey: newId() }),
  };
  const label = { pause: t('upload.pause'), resume: t('upload.resume'), retry: t('common.retry') };
  const size = (bytes: number) => fileSize(bytes, i18n.language);
  return (
    <View style={styles.status}>
      <View style={styles.line}>
        <View style={styles.text}>
          <View role="status" aria-live="polite">
            <Text tone={tone}>{text}</Text>
          </View>
          {offset > 0 && tone === 'soft' ? (
            <Text as="caption" tone="soft">
              {t('upload.amount', { done: size(offset), size: size(file.size) })}
            </Text>
          ) : null}
        </View>
        {action === null ? null : (
          <Button label={label[action]} onPress={() => uploads.dispatch(id, events[action]())} />
        )}
      </View>
      {percent === null ? null : <ProgressBar label={t('upload.progress')} percent={percent} />}
    </View>
  );
}

const styles = StyleSheet.create({
  status: { gap: space.m },
  line: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', gap: space.m },
  text: { flexGrow: 1, flexShrink: 1, flexBasis: 180, gap: space.xs },
});
