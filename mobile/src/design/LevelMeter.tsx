import { StyleSheet, View } from 'react-native';

import { usePalette } from './theme';
import { radius } from './tokens';

const HEIGHT = 112;
const LEAST = 4;

export interface Props {
  readonly label: string;
  /** 0 to 1; the newest is the last. */
  readonly levels: readonly number[];
  readonly active: boolean;
}

/** The level of the microphone over the last seconds. */
export function LevelMeter({ label, levels, active }: Props) {
  const palette = usePalette();
  return (
    <View
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * (levels.at(-1) ?? 0))}
      style={styles.meter}
    >
      {levels.map((level, index) => (
        <View
          key={index}
          style={[
            styles.bar,
            { height: LEAST + level * (HEIGHT - LEAST), backgroundColor: active ? palette.accent : palette.edge },
          ]}
        />
      ))}
    </View>
  );
}

const styles = StyleSheet.create({
  // Time runs from left to right, as in a player.
  meter: { flexDirection: 'row', direction: 'ltr', alignItems: 'center', justifyContent: 'center', gap: 3, height: HEIGHT },
  bar: { width: 4, borderRadius: radius.round },
});
