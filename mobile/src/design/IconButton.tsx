import { Pressable, StyleSheet } from 'react-native';

import { Glyph, type GlyphName } from './Glyph';
import { PlaySign } from './PlaySign';
import { SearchSign } from './SearchSign';
import { useFocusRing } from './focus';
import { usePalette } from './theme';
import type { Palette } from './tokens';
import { TOUCH, radius } from './tokens';

export interface Props {
  readonly icon: GlyphName | 'play' | 'search';
  /** Its accessible name: the icon has none. */
  readonly label: string;
  readonly onPress: () => void;
  readonly tone?: keyof Palette;
  readonly size?: number;
  readonly disabled?: boolean;
  /** The main control among several, such as play. */
  readonly filled?: boolean;
}

export function IconButton({ icon, label, onPress, tone = 'soft', size = 24, disabled = false, filled = false }: Props) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      {...focusProps}
      style={({ pressed }) => [
        styles.button,
        filled && { backgroundColor: palette.accent },
        pressed && styles.pressed,
        disabled && styles.off,
        ring,
      ]}
    >
      {icon === 'play' ? (
        <PlaySign tone={filled ? 'onAccent' : tone} size={17} />
      ) : icon === 'search' ? (
        <SearchSign tone={tone} size={20} />
      ) : (
        <Glyph name={icon} tone={filled ? 'onAccent' : tone} size={filled ? 17 : size} />
      )}
    </Pressable>
  );
}

const styles = StyleSheet.create({
  button: { width: TOUCH, height: TOUCH, alignItems: 'center', justifyContent: 'center', borderRadius: radius.round },
  pressed: { opacity: 0.7 },
  off: { opacity: 0.55 },
});
