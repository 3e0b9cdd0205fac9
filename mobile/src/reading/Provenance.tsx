import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { Banner } from '../design/Banner';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { day } from '../i18n/format';
import { presetTitle } from '../presets/words';
import { useArtifacts } from './queries';

interface Made {
  readonly lectureId: string;
  readonly provider: string;
  readonly presetId: string;
  readonly generatedAt: string;
  readonly grounding: Schema<'Grounding'>;
}

/** Who made it and when, how many items were found in what was said, and whether the transcript has changed since. */
export function Provenance({ made }: { made: Made }) {
  const { t, i18n } = useTranslation();
  const { data } = useArtifacts(made.lectureId);
  const { verified, repaired, dropped, checks } = made.grounding;
  const provider = made.provider === 'extractive' ? t('reading.extractive') : made.provider;
  const kept = verified + repaired;
  return (
    <View style={styles.part}>
      {data?.outdated ? <Banner kind="warning" title={t('reading.outdated')} detail={t('reading.outdatedDetail')} /> : null}
      <Text as="caption" tone="soft">
        {t('reading.madeBy', { provider, preset: presetTitle(t, made.presetId), day: day(made.generatedAt, i18n.language) })}{' '}
        {t('reading.grounded', { count: kept })}
        {checks.includes('entailment') ? ` ${t('reading.entailed')}` : ''}
        {dropped > 0 ? ` ${t('reading.dropped', { count: dropped })}` : ''}
      </Text>
    </View>
  );
}

const styles = StyleSheet.create({ part: { gap: space.m } });
