import { StyleSheet, View } from 'react-native';

import { Text } from './Text';
import { usePalette } from './theme';
import { TOUCH, radius, space } from './tokens';

/** The shape of what is loading, with a sentence that says so. It does not move. */
export function Skeleton({ label, rows = 3 }: { label: string; rows?: number }) {
  const palette = usePalette();
  return (
    <View role="status" aria-busy aria-label={label} style={styles.list}>
      <Text as="caption" tone="soft">
        {label}
      </Text>
      {Array.from({ length: rows }, (_, index) => (
        <View key={index} aria-hidden style={styles.row}>
          <View style={[styles.badge, { backgroundColor: palette.line }]} />
          <View style={styles.lines}>
            <View style={[styles.line, { backgroundColor: palette.line }]} />
            <View style={[styles.line, styles.short, { backgroundColor: palette.line }]} />
          </View>
        </View>
      ))}
    </View>
  );
}

const styles = StyleSheet.create({
  list: { gap: space.l },
  row: { flexDirection: 'row', gap: space.m, alignItems: 'center' },
  badge: { width: TOUCH, height: TOUCH, borderRadius: radius.s },
  lines: { flex: 1, gap: space.s },
  line: { height: 14, borderRadius: radius.round, width: '70%' },
  short: { width: '40%', height: 10 },
});
