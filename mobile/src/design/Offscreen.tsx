import type { ReactNode } from 'react';
import { Platform, StyleSheet, View } from 'react-native';

import { space } from './tokens';

/** A part of a long list. A browser lays it out when it comes near the screen; `height` is what it takes until then. */
export function Offscreen({ height, children }: { height: number; children: ReactNode }) {
  const hidden = Platform.OS === 'web' ? { contentVisibility: 'auto', containIntrinsicSize: `auto ${Math.round(height)}px` } : {};
  return <View style={[styles.part, hidden as object]}>{children}</View>;
}

const styles = StyleSheet.create({
  // What is outside of it, such as the shadow of a card or a ring around a control, would be cut off. The neighbours
  // below its margin are pressed, not it.
  part: { padding: space.l, margin: -space.l, pointerEvents: 'box-none' },
});
