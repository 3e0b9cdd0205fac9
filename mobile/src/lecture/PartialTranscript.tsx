import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import type { Progress } from '../api/client';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { clock } from '../i18n/format';
import { usePartialTranscript } from './queries';

/** The transcript as far as it is recognized, with the gaps in their places. */
export function PartialTranscript({ lectureId, progress }: { lectureId: string; progress: Progress }) {
  const { t } = useTranslation();
  const { data } = usePartialTranscript(lectureId, progress);
  if (data === undefined) return null;
  const passages = [
    ...data.utterances.map(({ startSec, text }) => ({ startSec, text })),
    ...data.pending.map(({ startSec }) => ({ startSec, text: null })),
  ].sort((one, other) => one.startSec - other.startSec);
  return (
    <View style={styles.list}>
      <Text as="heading" level={2}>
        {data.pending.length === 0 ? t('lecture.transcript') : t('lecture.soFar')}
      </Text>
      {passages.map(({ startSec, text }) => (
        <View key={`${startSec}-${text === null}`} style={styles.passage}>
          <Text as="caption" tone="soft">
            {clock(startSec)}
          </Text>
          <Text as="reading" tone={text === null ? 'soft' : 'ink'}>
            {text ?? t('lecture.pending')}
          </Text>
        </View>
      ))}
    </View>
  );
}

const styles = StyleSheet.create({
  list: { gap: space.m },
  passage: { gap: space.xs },
});
