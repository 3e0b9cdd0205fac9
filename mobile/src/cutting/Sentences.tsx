import { memo, useMemo } from 'react';
import { Pressable, StyleSheet, View } from 'react-native';

import type { Utterance } from '../api/client';
import { Offscreen } from '../design/Offscreen';
import { Text } from '../design/Text';
import { useFocusRing } from '../design/focus';
import { movesFocus, onKeys } from '../design/keys';
import { usePalette } from '../design/theme';
import { radius, space } from '../design/tokens';
import { clock } from '../i18n/format';
import { usePlayer, usePlayerState } from '../player/PlayerProvider';
import { useGrowing } from '../reading/useGrowing';
import { type Block, blockOf, blocksOf, utteranceAt } from '../reading/utterances';
import { type Span, goes } from './span';
import { useCuttingWords } from './words';

export interface Props {
  readonly utterances: readonly Utterance[];
  readonly span: Span | null;
  readonly onTap: (utterance: Utterance) => void;
}

/** The transcript, of which a tap chooses the first sentence and the last. What goes is struck out. */
export function Sentences({ utterances, span, onTap }: Props) {
  const { t } = useCuttingWords();
  const player = usePlayer();
  const blocks = useMemo(() => blocksOf(utterances), [utterances]);
  const first = span === null ? -1 : utterances.findIndex((utterance) => goes(utterance, span) !== null);
  const heard = usePlayerState(
    player,
    ({ status, positionSec }) => (status === 'paused' ? -1 : utteranceAt(utterances, positionSec)),
    -1,
  );
  const count = Math.max(useGrowing(blocks.length), blockOf(first) + 1);
  const entry = Math.max(0, first);
  return (
    <View role="list" aria-label={t('reading.transcript')} {...onKeys(movesFocus('button', 'ArrowUp', 'ArrowDown'))}>
      {blocks.slice(0, count).map((block) => {
        const within = (index: number) => (blockOf(index) === blockOf(block.first) && index >= 0 ? index - block.first : -1);
        const touched = span !== null && block.utterances.some((utterance) => goes(utterance, span) !== null);
        return (
          <Passage
            key={block.first}
            block={block}
            span={touched ? span : null}
            entry={within(entry)}
            heard={within(heard)}
            onTap={onTap}
          />
        );
      })}
    </View>
  );
}

interface PassageProps {
  readonly block: Block;
  /** Null where none of the block goes. */
  readonly span: Span | null;
  /** Index within the block of the row that the Tab key leads to; -1 if it is elsewhere. */
  readonly entry: number;
  /** Index within the block of what is played. */
  readonly heard: number;
  readonly onTap: (utterance: Utterance) => void;
}

const Passage = memo(function Passage({ block, span, entry, heard, onTap }: PassageProps) {
  return (
    <Offscreen height={block.height}>
      {block.utterances.map((utterance, index) => (
        <Sentence
          key={utterance.id}
          utterance={utterance}
          going={goes(utterance, span)}
          isEntry={index === entry}
          isHeard={index === heard}
          onTap={onTap}
        />
      ))}
    </Offscreen>
  );
});

interface SentenceProps {
  readonly utterance: Utterance;
  readonly going: 'whole' | 'part' | null;
  readonly isEntry: boolean;
  readonly isHeard: boolean;
  readonly onTap: (utterance: Utterance) => void;
}

function Sentence({ utterance, going, isEntry, isHeard, onTap }: SentenceProps) {
  const { t } = useCuttingWords();
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  const { startSec, text } = utterance;
  const head = [clock(startSec), ...(going === 'part' ? [t('cutting.inPart')] : [])].join(' · ');
  const pressed: object = { 'aria-pressed': going !== null };
  return (
    <View role="listitem">
      <Pressable
        role="button"
        aria-label={`${head} ${text}`}
        aria-current={isHeard ? 'true' : undefined}
        {...pressed}
        tabIndex={isEntry ? 0 : -1}
        onPress={() => onTap(utterance)}
        {...focusProps}
        style={[
          styles.row,
          { borderStartColor: going === null ? 'transparent' : palette.record },
          going !== null && [styles.going, { backgroundColor: palette.recordSoft }],
          ring && { ...ring, outlineOffset: -2 },
        ]}
      >
        <Text as="caption" tone={going !== null ? 'record' : isHeard ? 'accent' : 'soft'} style={styles.time}>
          {head}
        </Text>
        <Text as="reading" style={going === 'whole' && [styles.struck, { textDecorationColor: palette.record }]}>
          {text}
        </Text>
      </Pressable>
    </View>
  );
}

const styles = StyleSheet.create({
  row: {
    paddingVertical: space.s,
    paddingHorizontal: space.m,
    marginHorizontal: -space.xs,
    borderRadius: radius.s,
    borderStartWidth: 3,
    gap: 2,
  },
  // One band over all of them.
  going: { borderRadius: 0 },
  time: { fontWeight: '600' },
  struck: { textDecorationLine: 'line-through' },
});
