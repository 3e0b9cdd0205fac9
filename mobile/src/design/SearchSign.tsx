import { StyleSheet, View } from 'react-native';

import { usePalette } from './theme';
import type { Palette } from './tokens';

const THICKNESS = 2;

/** A magnifying glass. It is drawn, as many fonts have none, or a tiny one. */
export function SearchSign({ tone, size }: { tone: keyof Palette; size: number }) {
  const palette = usePalette();
  const lens = size * 0.7;
  return (
    <View aria-hidden style={{ width: size, height: size }}>
      <View style={{ width: lens, height: lens, borderRadius: lens, borderWidth: THICKNESS, borderColor: palette[tone] }} />
      <View style={[styles.handle, { width: size * 0.4, backgroundColor: palette[tone], top: size * 0.76, start: size * 0.56 }]} />
    </View>
  );
}

const styles = StyleSheet.create({
  handle: { position: 'absolute', height: THICKNESS, borderRadius: THICKNESS, transform: [{ rotate: '45deg' }] },
});
