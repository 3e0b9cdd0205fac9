import { useState } from 'react';
import { StyleSheet, View } from 'react-native';

import { Button } from '../design/Button';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { day } from '../i18n/format';
import { Loaded } from '../reading/Loaded';
import { useCuts } from './queries';
import { rangeOf } from './span';
import { useCuttingWords } from './words';

const FEW = 3;

/** What was cut out before; folded where it is much. */
export function EarlierCuts({ lectureId }: { lectureId: string }) {
  const { t, i18n } = useCuttingWords();
  const [all, setAll] = useState(false);
  const query = useCuts(lectureId);
  return (
    <Loaded query={query} loading={t('cutting.loadingCuts')} missing={t('errors.codes.not_found')}>
      {(cuts) =>
        cuts.length === 0 ? null : (
          <View style={styles.part}>
            <Text as="heading" level={2}>
              {t('cutting.before')}
            </Text>
            <View role="list" style={styles.list}>
              {cuts.slice(0, all ? cuts.length : FEW).map((cut) => (
                <View key={`${cut.startSec} ${cut.endSec} ${cut.createdAt}`} role="listitem" style={styles.cut}>
                  <Text as="label" style={styles.range}>
                    {rangeOf(cut)}
                  </Text>
                  <Text as="caption" tone={cut.state === 'failed' ? 'record' : 'soft'} style={styles.facts}>
                    {[t(`cutting.is.${cut.state}`), day(cut.createdAt, i18n.language)].join(' · ')}
                  </Text>
                </View>
              ))}
            </View>
            {cuts.length > FEW && !all ? (
              <View style={styles.more}>
                <Button label={t('cutting.more', { number: cuts.length })} onPress={() => setAll(true)} />
              </View>
            ) : null}
          </View>
        )
      }
    </Loaded>
  );
}

const styles = StyleSheet.create({
  part: { gap: space.s },
  list: { gap: space.xs },
  cut: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'baseline', columnGap: space.m },
  range: { fontVariant: ['tabular-nums'] },
  facts: { flexShrink: 1 },
  more: { alignItems: 'flex-start' },
});
