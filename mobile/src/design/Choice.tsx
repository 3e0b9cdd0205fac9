import { Pressable, StyleSheet } from 'react-native';

import { Glyph, type GlyphName } from './Glyph';
import { Text } from './Text';
import { useFocusRing } from './focus';
import { usePalette } from './theme';
import { TOUCH, radius, space } from './tokens';

/** One of several choices, of which one is taken. */
export function Choice({ label, selected, onPress }: { label: string; selected: boolean; onPress: () => void }) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  return (
    <Pressable
      role="radio"
      aria-checked={selected}
      aria-label={label}
      onPress={onPress}
      {...focusProps}
      style={({ pressed }) => [
        styles.choice,
        {
          backgroundColor: selected ? palette.accentSoft : palette.sheet,
          borderColor: selected ? palette.accent : palette.edge,
        },
        pressed && styles.pressed,
        ring,
      ]}
    >
      {selected ? <Glyph name="done" tone="accent" size={15} /> : null}
      <Text as="label" tone={selected ? 'accent' : 'ink'} numberOfLines={2} style={styles.label}>
        {label}
      </Text>
    </Pressable>
  );
}

/** A short fact with its sign, such as the time of a mark. */
export function Tag({ icon, label, tone }: { icon: GlyphName; label: string; tone: 'mark' | 'ok' }) {
  const palette = usePalette();
  return (
    <Text
      as="caption"
      tone={tone}
      style={[styles.tag, { backgroundColor: tone === 'mark' ? palette.markSoft : palette.okSoft }]}
    >
      <Glyph name={icon} tone={tone} size={13} /> {label}
    </Text>
  );
}

const styles = StyleSheet.create({
  choice: {
    minHeight: TOUCH,
    maxWidth: '100%',
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    borderWidth: 1,
    borderRadius: radius.m,
    paddingHorizontal: space.l,
    paddingVertical: space.s,
  },
  label: { flexShrink: 1, minWidth: 0 },
  pressed: { opacity: 0.8 },
  tag: { borderRadius: radius.round, paddingHorizontal: space.m, paddingVertical: space.xs, fontWeight: '600', overflow: 'hidden' },
});
