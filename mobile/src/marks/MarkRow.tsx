import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Pressable, StyleSheet, View } from 'react-native';

import { Glyph } from '../design/Glyph';
import { IconButton } from '../design/IconButton';
import { Text } from '../design/Text';
import { useFocusRing } from '../design/focus';
import { usePalette } from '../design/theme';
import { TOUCH, radius, space } from '../design/tokens';
import { clock } from '../i18n/format';
import { usePlayer } from '../player/PlayerProvider';
import type { Mark } from './queries';

const MarkSheet = lazy(() => import('./MarkSheet'));

/** A mark below what was said then. A tap plays its second. */
export function MarkRow({ lectureId, mark }: { lectureId: string; mark: Mark }) {
  const { t } = useTranslation();
  const palette = usePalette();
  const player = usePlayer();
  const { ring, focusProps } = useFocusRing();
  const [editing, setEditing] = useState(false);
  const time = clock(mark.atSec);
  const words = mark.label ?? t('marks.unnamed');
  const content = (
    <>
      <Glyph name="mark" tone="mark" size={16} />
      <Text as="label" tone="mark" style={styles.words}>
        {`${time} ${words}`}
      </Text>
    </>
  );
  return (
    <View role="listitem" style={[styles.row, { backgroundColor: palette.markSoft }]}>
      {player === null ? (
        <View style={styles.mark}>{content}</View>
      ) : (
        <Pressable
          role="button"
          aria-label={t('marks.play', { time, label: words })}
          onPress={() => player.playFrom(mark.atSec)}
          {...focusProps}
          style={({ pressed }) => [styles.mark, pressed && styles.pressed, ring]}
        >
          {content}
        </Pressable>
      )}
      <IconButton icon="edit" tone="mark" label={`${t('items.edit')}: ${t('marks.title', { time })}`} onPress={() => setEditing(true)} />
      {editing ? (
        <Suspense fallback={null}>
          <MarkSheet lectureId={lectureId} mark={mark} onClose={() => setEditing(false)} />
        </Suspense>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  row: { flexDirection: 'row', alignItems: 'center', borderRadius: radius.s, marginHorizontal: -space.xs },
  mark: { flexGrow: 1, flexShrink: 1, minHeight: TOUCH, flexDirection: 'row', alignItems: 'center', gap: space.s, paddingHorizontal: space.m, borderRadius: radius.s },
  words: { flexShrink: 1 },
  pressed: { opacity: 0.7 },
});
