import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { Citations } from './Citations';
import { Loaded } from './Loaded';
import { Provenance } from './Provenance';
import type { ViewProps } from './Reading';
import { useArtifact } from './queries';

export default function SummaryView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useArtifact(lecture.lectureId, 'summary');
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.none')}>
      {(summary) => (
        <View style={styles.parts}>
          <View>
            <Text as="reading">{summary.content.overview}</Text>
            <Citations citations={summary.content.overviewCitations} />
          </View>
          {summary.content.sections.map((section, index) => (
            <View key={index} style={styles.section}>
              <Text as="heading" level={2}>
                {section.title}
              </Text>
              {section.bullets.map((bullet, number) => (
                <View key={number}>
                  {bullet.role === null ? null : (
                    <Text as="caption" tone="soft">
                      {t(`reading.role.${bullet.role}`)}
                    </Text>
                  )}
                  <Text as="reading">{bullet.text}</Text>
                  <Citations citations={bullet.citations} />
                </View>
              ))}
            </View>
          ))}
          <Provenance made={summary} />
        </View>
      )}
    </Loaded>
  );
}

const styles = StyleSheet.create({
  parts: { gap: space.xl },
  section: { gap: space.m },
});
