import { StyleSheet, View } from 'react-native';

import { usePalette } from './theme';
import { radius, space } from './tokens';

export interface Part {
  readonly status: 'done' | 'running' | 'waiting' | 'failed';
}

export interface Props {
  /** What progresses. */
  readonly label: string;
  /** 0 to 100. */
  readonly percent: number;
  /** The parts, where the work has parts; otherwise the bar is one. */
  readonly parts?: readonly Part[];
  /** A line along an edge. */
  readonly thin?: boolean;
}

/** More parts than this are too thin to be told apart: the bar is one then. */
const MOST_PARTS = 24;

export function ProgressBar({ label, percent, parts, thin = false }: Props) {
  const palette = usePalette();
  const shown = Math.max(0, Math.min(100, percent));
  const colours = { done: palette.ok, waiting: palette.line, failed: palette.record };
  const apart = parts !== undefined && parts.length > 1 && parts.length <= MOST_PARTS;
  return (
    <View
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(shown)}
      style={styles.track}
    >
      {apart ? (
        parts.map((part, index) => (
          <View
            key={index}
            style={[
              styles.part,
              // Full is what is done; what runs is an outline, as its share is not known.
              part.status === 'running' ? [styles.outlined, { borderColor: palette.accent }] : { backgroundColor: colours[part.status] },
            ]}
          />
        ))
      ) : (
        <View style={[styles.part, thin && styles.thin, { backgroundColor: palette.line }]}>
          <View style={[styles.filled, thin && styles.thin, { width: `${shown}%`, backgroundColor: palette.accent }]} />
        </View>
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  track: { flexDirection: 'row', gap: space.xs, alignSelf: 'stretch' },
  part: { flex: 1, height: 8, borderRadius: radius.round, overflow: 'hidden' },
  outlined: { borderWidth: 2 },
  thin: { height: 3, borderRadius: 0 },
  filled: { height: 8, borderRadius: radius.round },
});
