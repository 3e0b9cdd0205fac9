import { ActivityIndicator, Pressable, StyleSheet } from 'react-native';

import { Glyph, type GlyphName } from './Glyph';
import { Text } from './Text';
import { useFocusRing } from './focus';
import { usePalette } from './theme';
import { type Palette, TOUCH, radius, space } from './tokens';

export type ButtonKind = 'primary' | 'quiet' | 'mark' | 'record' | 'danger';

export interface Props {
  readonly label: string;
  readonly onPress: () => void;
  /** One `primary` or `record` a view. */
  readonly kind?: ButtonKind;
  readonly disabled?: boolean;
  /** Shows that the action is under way; it cannot be started twice. */
  readonly busy?: boolean;
  readonly hint?: string;
  readonly grow?: boolean;
  readonly icon?: GlyphName;
}

const colours: Record<ButtonKind, { back: keyof Palette; text: keyof Palette; edge: keyof Palette }> = {
  primary: { back: 'accent', text: 'onAccent', edge: 'accent' },
  quiet: { back: 'sheet', text: 'ink', edge: 'edge' },
  mark: { back: 'markSoft', text: 'mark', edge: 'mark' },
  record: { back: 'record', text: 'onRecord', edge: 'record' },
  danger: { back: 'sheet', text: 'record', edge: 'record' },
};

export function Button({ label, onPress, kind = 'quiet', disabled = false, busy = false, hint, grow = false, icon }: Props) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  const { back, text, edge } = colours[kind];
  const off = disabled || busy;
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-disabled={off}
      aria-busy={busy}
      {...(hint === undefined ? {} : { accessibilityHint: hint })}
      disabled={off}
      onPress={onPress}
      {...focusProps}
      style={({ pressed }) => [
        styles.button,
        { backgroundColor: palette[back], borderColor: palette[edge] },
        grow && styles.grow,
        off && styles.off,
        pressed && styles.pressed,
        ring,
      ]}
    >
      {busy ? <ActivityIndicator size="small" color={palette[text]} /> : null}
      {icon === undefined || busy ? null : <Glyph name={icon} tone={text} size={15} />}
      <Text as="label" tone={text} style={styles.label}>
        {label}
      </Text>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  button: {
    minHeight: TOUCH,
    minWidth: TOUCH,
    maxWidth: '100%',
    flexDirection: 'row',
    alignItems: 'center',
    justifyContent: 'center',
    gap: space.s,
    borderRadius: radius.s,
    borderWidth: 1,
    paddingHorizontal: space.l,
    paddingVertical: space.s,
  },
  // Side by side as long as the labels fit; words are not broken for it.
  grow: { flexGrow: 1, paddingHorizontal: space.m },
  label: { textAlign: 'center', flexShrink: 1, minWidth: 0 },
  off: { opacity: 0.55 },
  pressed: { opacity: 0.8 },
});
