import type { ReactNode } from 'react';
import { StyleSheet, View } from 'react-native';

import { usePalette } from './theme';
import { type Palette, elevation, radius, space } from './tokens';

/** A sheet on the paper. `accent` is a coloured edge at its start. */
export function Card({ children, accent }: { children: ReactNode; accent?: keyof Palette }) {
  const palette = usePalette();
  return (
    <View
      style={[
        styles.card,
        { backgroundColor: palette.sheet, boxShadow: elevation.low },
        accent !== undefined && { borderStartWidth: 3, borderStartColor: palette[accent] },
      ]}
    >
      {children}
    </View>
  );
}

const styles = StyleSheet.create({
  card: { borderRadius: radius.m, padding: space.l, gap: space.m },
});
