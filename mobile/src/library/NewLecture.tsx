import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/Button';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { RecordButton } from '../record/RecordButton';
import { useChooseFile } from '../record/useChooseFile';

/** The two ways to a new lecture: recording it, and choosing a recording. */
export function NewLecture({ stacked = false }: { stacked?: boolean }) {
  const { t } = useTranslation();
  const { choose, busy, failed } = useChooseFile();
  return (
    <View style={styles.ways}>
      {failed ? (
        <Text tone="record" urgent>
          {t('library.notRead')}
        </Text>
      ) : null}
      <View style={[styles.buttons, stacked && styles.stacked]}>
        <RecordButton grow={!stacked} />
        <Button grow={!stacked} label={t('library.chooseFile')} busy={busy} onPress={choose} />
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  ways: { gap: space.s },
  buttons: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
  stacked: { flexDirection: 'column', flexWrap: 'nowrap', gap: space.s },
});
