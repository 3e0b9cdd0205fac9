import type { ReactNode } from 'react';
import { StyleSheet, View } from 'react-native';

import { type SignStatus, Sign } from './Sign';
import { Text } from './Text';
import { space } from './tokens';

export interface StageItem {
  readonly key: string;
  readonly title: string;
  /** What is happening, in words. The status is in it: colour is not its only carrier. */
  readonly detail: string;
  readonly status: SignStatus;
  readonly children?: ReactNode;
}

/** Stages of a piece of work, in their order. */
export function StageList({ label, stages }: { label: string; stages: readonly StageItem[] }) {
  return (
    <View role="list" aria-label={label} style={styles.list}>
      {stages.map((stage, index) => (
        <View key={stage.key} role="listitem" style={styles.stage}>
          <Sign status={stage.status} number={index + 1} />
          <View style={styles.text}>
            <Text as="label" tone={stage.status === 'waiting' ? 'soft' : 'ink'}>
              {stage.title}
            </Text>
            <Text as="caption" tone={stage.status === 'failed' ? 'record' : 'soft'}>
              {stage.detail}
            </Text>
            {stage.children}
          </View>
        </View>
      ))}
    </View>
  );
}

const styles = StyleSheet.create({
  list: { gap: space.l },
  stage: { flexDirection: 'row', gap: space.m },
  text: { flex: 1, gap: space.xs },
});
