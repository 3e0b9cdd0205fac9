import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { Card } from '../design/Card';
import { Offscreen } from '../design/Offscreen';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { Citations } from './Citations';
import { Loaded } from './Loaded';
import { Provenance } from './Provenance';
import type { ViewProps } from './Reading';
import { useArtifact } from './queries';

const HEIGHT = 170;

export default function KeyTermsView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useArtifact(lecture.lectureId, 'key-terms');
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.none')}>
      {(terms) => (
        <View style={styles.list}>
          {terms.content.terms.map(({ term, definition, example, citations }, index) => (
            <Offscreen key={index} height={HEIGHT}>
              <Card>
                <Text as="heading" level={2}>
                  {term}
                </Text>
                <Text as="reading">{definition}</Text>
                {example === null ? null : (
                  <Text as="reading" tone="soft">
                    {t('reading.example', { example })}
                  </Text>
                )}
                <Citations citations={citations} />
              </Card>
            </Offscreen>
          ))}
          <Provenance made={terms} />
        </View>
      )}
    </Loaded>
  );
}

const styles = StyleSheet.create({ list: { gap: space.m } });
