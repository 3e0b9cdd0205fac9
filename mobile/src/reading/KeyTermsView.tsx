import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { Card } from '../design/Card';
import { Offscreen } from '../design/Offscreen';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { Citations } from './Citations';
import { EditableItems } from './EditableItems';
import { Loaded } from './Loaded';
import { Provenance } from './Provenance';
import type { ViewProps } from './Reading';
import { termForm } from './forms';
import { useEditableArtifact } from './queries';

const HEIGHT = 230;

export default function KeyTermsView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useEditableArtifact(lecture.lectureId, 'key-terms');
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.none')}>
      {({ artifact, etag }) => (
        <View style={styles.list}>
          <EditableItems
            lectureId={lecture.lectureId}
            artifactType="key-terms"
            etag={etag}
            items={artifact.content.terms}
            formOf={termForm}
            nameOf={({ term }) => term}
          >
            {(terms, tools) =>
              terms.map((term, index) => (
                <Offscreen key={term.id || index} height={HEIGHT}>
                  <Term term={term} tools={tools(term)} />
                </Offscreen>
              ))
            }
          </EditableItems>
          <Provenance made={artifact} />
        </View>
      )}
    </Loaded>
  );
}

function Term({ term: { term, definition, example, citations }, tools }: { term: Schema<'KeyTerm'>; tools: ReactNode }) {
  const { t } = useTranslation();
  return (
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
      <View style={styles.foot}>
        <Citations citations={citations} />
        <View style={styles.tools}>{tools}</View>
      </View>
    </Card>
  );
}

const styles = StyleSheet.create({
  list: { gap: space.m },
  foot: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', columnGap: space.m },
  tools: { flexGrow: 1, maxWidth: '100%' },
});
