import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { Text } from '../design/Text';
import { usePalette } from '../design/theme';
import { space } from '../design/tokens';
import { Citations } from './Citations';
import { Loaded } from './Loaded';
import { Provenance } from './Provenance';
import type { ViewProps } from './Reading';
import { useArtifact } from './queries';

type Node = Schema<'OutlineNode'>;

export default function OutlineView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useArtifact(lecture.lectureId, 'outline');
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.none')}>
      {(outline) => (
        <View style={styles.parts}>
          {outline.content.nodes.map((node, index) => (
            <Chapter key={index} node={node} level={2} />
          ))}
          <Provenance made={outline} />
        </View>
      )}
    </Loaded>
  );
}

/** A chapter, whose title plays its beginning, and its sub-chapters below it. */
function Chapter({ node, level }: { node: Node; level: 2 | 3 }) {
  const palette = usePalette();
  return (
    <View style={styles.chapter}>
      <View style={styles.head}>
        <Text as={level === 2 ? 'heading' : 'label'} level={level} style={styles.title}>
          {node.title}
        </Text>
        <Citations citations={[{ startSec: node.startSec, quote: node.title }]} />
      </View>
      {node.points.map((point, index) => (
        <View key={index}>
          <Text as="reading">{point.text}</Text>
          <Citations citations={point.citations} />
        </View>
      ))}
      {node.children.length === 0 ? null : (
        <View style={[styles.children, { borderStartColor: palette.line }]}>
          {node.children.map((child, index) => (
            <Chapter key={index} node={child} level={3} />
          ))}
        </View>
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  parts: { gap: space.xl },
  chapter: { gap: space.s },
  head: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', gap: space.m },
  title: { flex: 1, minWidth: 0 },
  children: { gap: space.l, paddingStart: space.l, borderStartWidth: 2, marginTop: space.s },
});
