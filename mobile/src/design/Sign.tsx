import { StyleSheet, View } from 'react-native';

import { Glyph } from './Glyph';
import { Text } from './Text';
import { usePalette } from './theme';
import { radius } from './tokens';

export type SignStatus = 'done' | 'running' | 'waiting' | 'failed';

/** Where a piece of work stands, by shape and colour; what it means is in the words beside it. */
export function Sign({ status, number }: { status: SignStatus; number?: number }) {
  const palette = usePalette();
  const filled = { done: palette.ok, running: palette.accent, failed: palette.record, waiting: null }[status];
  return (
    <View
      aria-hidden
      style={[
        styles.sign,
        filled === null ? { borderWidth: 2, borderColor: palette.edge } : { backgroundColor: filled },
      ]}
    >
      {status === 'done' ? <Glyph name="done" tone="sheet" size={13} /> : null}
      {status === 'failed' ? <Glyph name="failed" tone="onRecord" size={13} /> : null}
      {status === 'running' ? (
        <Text as="caption" tone="onAccent">
          {number ?? '…'}
        </Text>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  sign: { width: 24, height: 24, borderRadius: radius.round, alignItems: 'center', justifyContent: 'center' },
});
