import { StyleSheet, View } from 'react-native';

import { leftToRight } from './direction';
import { usePalette } from './theme';
import type { Palette } from './tokens';

/** The triangle of play. It is drawn, as fonts place theirs on different heights; it points along the time, to the right. */
export function PlaySign({ tone, size }: { tone: keyof Palette; size: number }) {
  const palette = usePalette();
  const half = { borderTopWidth: size / 2, borderBottomWidth: size / 2 };
  return (
    <View {...leftToRight} aria-hidden style={styles.box}>
      <View style={[styles.sign, half, { borderStartWidth: size * 0.85, borderStartColor: palette[tone] }]} />
    </View>
  );
}

const styles = StyleSheet.create({
  box: { direction: 'ltr' },
  sign: { width: 0, height: 0, borderTopColor: 'transparent', borderBottomColor: 'transparent' },
});
