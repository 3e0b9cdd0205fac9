import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Pressable, StyleSheet, View } from 'react-native';

import type { Utterance } from '../api/client';
import { Text } from '../design/Text';
import { useFocusRing } from '../design/focus';
import { reveal } from '../design/reveal';
import { usePalette } from '../design/theme';
import { radius, space } from '../design/tokens';
import { clock } from '../i18n/format';

/** Below this the recognizer itself was in doubt. */
const DOUBT = 0.5;

export interface Props {
  readonly utterance: Utterance;
  readonly active: boolean;
  /** The one row of the transcript that the Tab key leads to. */
  readonly isEntry: boolean;
  readonly following: boolean;
  /** Null where a press does nothing. */
  readonly onPress: ((utterance: Utterance) => void) | null;
}

/** An utterance; a tap plays or corrects it. What is probably misheard has a dotted line, and says so to screen readers. */
export function UtteranceRow({ utterance, active, isEntry, following, onPress }: Props) {
  const { t } = useTranslation();
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  const row = useRef<View>(null);
  useEffect(() => {
    if (active && following) reveal(row.current);
  }, [active, following]);
  const { startSec, text, confidence } = utterance;
  const doubtful = confidence < DOUBT;
  const time = clock(startSec);
  const content = (
    <>
      <Text as="caption" tone={active ? 'accent' : 'soft'} style={styles.time}>
        {time}
      </Text>
      <Text as="reading" style={doubtful && [styles.doubtful, { textDecorationColor: palette.mark }]}>
        {text}
      </Text>
    </>
  );
  if (onPress === null) {
    return (
      <View role="listitem" style={styles.row}>
        {content}
      </View>
    );
  }
  return (
    <View role="listitem" ref={row}>
      <Pressable
        role="button"
        aria-label={doubtful ? `${time} ${text} (${t('reading.doubtful')})` : `${time} ${text}`}
        aria-current={active ? 'true' : undefined}
        tabIndex={isEntry ? 0 : -1}
        onPress={() => onPress(utterance)}
        {...focusProps}
        style={[styles.row, active && { backgroundColor: palette.accentSoft }, ring && { ...ring, outlineOffset: -2 }]}
      >
        {content}
      </Pressable>
    </View>
  );
}

const styles = StyleSheet.create({
  row: { paddingVertical: space.s, paddingHorizontal: space.m, marginHorizontal: -space.xs, borderRadius: radius.s, gap: 2, userSelect: 'text' },
  time: { fontWeight: '600' },
  doubtful: { textDecorationLine: 'underline', textDecorationStyle: 'dotted' },
});
