import { useRef, useState } from 'react';
import { type GestureResponderEvent, StyleSheet, View } from 'react-native';

import { leftToRight } from './direction';
import { useFocusRing } from './focus';
import { onKeys } from './keys';
import { usePalette } from './theme';
import { TOUCH, radius } from './tokens';

export interface Props {
  readonly label: string;
  /** The value as it is read out. */
  readonly valueText: string;
  readonly value: number;
  readonly max: number;
  /** Values that are drawn on it. */
  readonly marks?: readonly number[];
  /** Of the arrow keys. */
  readonly step: number;
  readonly onChange: (value: number) => void;
}

/** A place in time that is moved by dragging, by a tap, and by the keyboard. It does not mirror. */
export function Timeline({ label, valueText, value, max, marks = [], step, onChange }: Props) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  const width = useRef(1);
  const [dragged, setDragged] = useState<number | null>(null);
  const shown = Math.max(0, Math.min(max, dragged ?? value));
  const percent = max > 0 ? (100 * shown) / max : 0;
  const at = ({ nativeEvent }: GestureResponderEvent) =>
    Math.max(0, Math.min(max, (nativeEvent.locationX / width.current) * max));
  const keys: Record<string, number> = {
    ArrowLeft: value - step,
    ArrowDown: value - step,
    ArrowRight: value + step,
    ArrowUp: value + step,
    PageDown: value - 6 * step,
    PageUp: value + 6 * step,
    Home: 0,
    End: max,
  };
  return (
    <View
      {...leftToRight}
      role="slider"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.floor(max)}
      aria-valuenow={Math.floor(shown)}
      aria-valuetext={valueText}
      tabIndex={0}
      {...onKeys((event) => {
        const to = keys[event.key];
        if (to === undefined) return;
        event.preventDefault();
        onChange(Math.max(0, Math.min(max, to)));
      })}
      {...focusProps}
      onLayout={({ nativeEvent }) => {
        width.current = nativeEvent.layout.width;
      }}
      onStartShouldSetResponder={() => true}
      onMoveShouldSetResponder={() => true}
      onResponderGrant={(event) => setDragged(at(event))}
      onResponderMove={(event) => setDragged(at(event))}
      onResponderRelease={(event) => {
        setDragged(null);
        onChange(at(event));
      }}
      onResponderTerminate={() => setDragged(null)}
      style={[styles.area, ring]}
    >
      <View style={[styles.track, { backgroundColor: palette.line }]}>
        <View style={[styles.done, { width: `${percent}%`, backgroundColor: palette.accent }]} />
      </View>
      {marks.map((mark) => (
        <View
          key={mark}
          testID="timeline-mark"
          style={[styles.mark, { start: `${max > 0 ? (100 * Math.min(mark, max)) / max : 0}%`, backgroundColor: palette.mark }]}
        />
      ))}
      <View style={[styles.thumb, { start: `${percent}%`, backgroundColor: palette.accent }]} />
    </View>
  );
}

const THUMB = 14;

const styles = StyleSheet.create({
  area: { height: TOUCH, justifyContent: 'center', direction: 'ltr', borderRadius: radius.s, touchAction: 'none', cursor: 'pointer' } as object,
  // The place that is touched is measured from the area, not from what is drawn in it.
  track: { height: 4, borderRadius: radius.round, overflow: 'hidden', pointerEvents: 'none' },
  done: { height: 4 },
  mark: { position: 'absolute', width: 3, height: 16, marginStart: -1.5, borderRadius: radius.round, pointerEvents: 'none' },
  thumb: { position: 'absolute', width: THUMB, height: THUMB, marginStart: -THUMB / 2, borderRadius: radius.round, pointerEvents: 'none' },
});
