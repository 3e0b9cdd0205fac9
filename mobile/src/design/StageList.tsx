import type { ReactNode } from 'react';
import { StyleSheet, View } from 'react-native';

import { Glyph } from './Glyph';
import { Text } from './Text';
import { usePalette } from './theme';
import { radius, space } from './tokens';

export interface StageItem {
  readonly key: string;
  readonly title: string;
  /** What is happening, in words. The status is in it: colour is not its only carrier. */
  readonly detail: string;
  readonly status: 'done' | 'running' | 'waiting' | 'failed';
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

function Sign({ status, number }: { status: StageItem['status']; number: number }) {
  const palette = usePalette();
  const filled = { done: palette.ok, running: palette.accent, failed: palette.record, waiting: null }[status];
  return (
    <View
      style={[
        styles.sign,
        filled === null ? { borderWidth: 2, borderColor: palette.edge } : { backgroundColor: filled },
      ]}
    >
      {status === 'done' ? <Glyph name="done" tone="sheet" size={13} /> : null}
      {status === 'failed' ? <Glyph name="failed" tone="onRecord" size={13} /> : null}
      {status === 'running' ? (
        <Text as="caption" tone="onAccent" aria-hidden>
          {number}
        </Text>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  list: { gap: space.l },
  stage: { flexDirection: 'row', gap: space.m },
  sign: { width: 24, height: 24, borderRadius: radius.round, alignItems: 'center', justifyContent: 'center' },
  text: { flex: 1, gap: space.xs },
});
