import { Pressable, StyleSheet, View } from 'react-native';

import { PlaySign } from './PlaySign';
import { Text } from './Text';
import { leftToRight } from './direction';
import { useFocusRing } from './focus';
import { usePalette } from './theme';
import { TOUCH, radius, space } from './tokens';

export interface Props {
  readonly time: string;
  readonly label: string;
  readonly onPress: () => void;
}

/** Where something was said: a play sign and a time. It is the same everywhere, and it always plays. */
export function CitationChip({ time, label, onPress }: Props) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  return (
    <Pressable
      role="button"
      aria-label={label}
      onPress={onPress}
      {...focusProps}
      style={({ pressed }) => [styles.area, pressed && styles.pressed, ring]}
    >
      <View {...leftToRight} style={[styles.chip, { backgroundColor: palette.accentSoft }]}>
        <PlaySign tone="accent" size={9} />
        <Text as="caption" tone="accent" style={styles.time}>
          {time}
        </Text>
      </View>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  area: { minHeight: TOUCH, minWidth: TOUCH, justifyContent: 'center', alignItems: 'center', borderRadius: radius.s },
  // The sign and the time do not mirror: it is how a player writes them.
  chip: { direction: 'ltr', flexDirection: 'row', alignItems: 'center', gap: space.xs, borderRadius: radius.round, paddingHorizontal: space.m, paddingVertical: space.xs },
  time: { fontWeight: '700' },
  pressed: { opacity: 0.7 },
});
