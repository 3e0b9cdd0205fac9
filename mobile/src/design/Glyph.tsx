import { StyleSheet } from 'react-native';

import { Text } from './Text';
import { isRtl } from './direction';
import type { Palette } from './tokens';

const glyphs = {
  back: '‹',
  close: '✕',
  done: '✓',
  failed: '!',
  mark: '★',
  record: '●',
  paused: '❚❚',
  edit: '✎',
  waiting: '○',
  // Followed by the selector of the text form: a gear in one colour.
  settings: '⚙\uFE0E',
  more: '⋯',
  forward: '›',
} as const;

export type GlyphName = keyof typeof glyphs;

const MIRRORED: ReadonlySet<GlyphName> = new Set(['back', 'forward']);

/** A decorative sign. Screen readers skip it: what it means is in the text beside it or in the button's name. */
export function Glyph({ name, tone = 'soft', size = 20 }: { name: GlyphName; tone?: keyof Palette; size?: number }) {
  return (
    <Text
      aria-hidden
      importantForAccessibility="no"
      tone={tone}
      style={[
        styles.glyph,
        { fontSize: size, lineHeight: Math.round(size * 1.2) },
        MIRRORED.has(name) && isRtl() && styles.mirrored,
      ]}
    >
      {glyphs[name]}
    </Text>
  );
}

const styles = StyleSheet.create({
  glyph: { fontWeight: '700', textAlign: 'center' },
  mirrored: { transform: [{ scaleX: -1 }] },
});
