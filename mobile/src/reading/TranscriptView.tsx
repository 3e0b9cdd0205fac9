import { Fragment, Suspense, lazy, memo, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Utterance } from '../api/client';
import { Button } from '../design/Button';
import { Offscreen } from '../design/Offscreen';
import { Text } from '../design/Text';
import { TextButton } from '../design/TextButton';
import { movesFocus, onKeys } from '../design/keys';
import { onScrollByHand } from '../design/reveal';
import { space } from '../design/tokens';
import { MarkRow } from '../marks/MarkRow';
import { type Mark, useMarks } from '../marks/queries';
import { usePlayer, usePlayerState } from '../player/PlayerProvider';
import { CorrectSheet } from './CorrectSheet';
import { Loaded } from './Loaded';
import type { ViewProps } from './Reading';
import { type Change, UndoNotice } from './UndoNotice';
import { UtteranceRow } from './UtteranceRow';
import { type ReadTranscript, useTranscript } from './queries';
import type { Changed } from './revisions';
import { useGrowing } from './useGrowing';
import { type Block, blockOf, blocksOf, byUtterance, sameIn, utteranceAt } from './utterances';

const RevisionsSheet = lazy(() => import('./RevisionsSheet'));

export default function TranscriptView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useTranscript(lecture.lectureId);
  return (
    <Loaded query={query} loading={t('reading.loadingTranscript')} missing={t('reading.noTranscript')}>
      {(read) => <Utterances lectureId={lecture.lectureId} read={read} />}
    </Loaded>
  );
}

/** What was said. What is being played is marked and kept in view until the user scrolls. */
function Utterances({ lectureId, read }: { lectureId: string; read: ReadTranscript }) {
  const { t } = useTranslation();
  const player = usePlayer();
  const { utterances } = read.transcript;
  const blocks = useMemo(() => blocksOf(utterances), [utterances]);
  const marks = useMarks(lectureId).data;
  const marked = useMemo(() => byUtterance(utterances, marks ?? []), [utterances, marks]);
  const active = usePlayerState(
    player,
    ({ status, positionSec }) => (status === 'paused' && positionSec === 0 ? -1 : utteranceAt(utterances, positionSec)),
    -1,
  );
  const count = Math.max(useGrowing(blocks.length), blockOf(active) + 1);
  const [following, setFollowing] = useState(true);
  const [correcting, setCorrecting] = useState(false);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [change, setChange] = useState<Change | null>(null);
  const [listing, setListing] = useState(false);
  useEffect(() => onScrollByHand(() => setFollowing(false)), []);
  const playing = usePlayerState(player, ({ status }) => status === 'playing', false);
  const onPress = useCallback(
    (utterance: Utterance) => {
      if (correcting) {
        setChosen({ utterance });
        return;
      }
      setFollowing(true);
      player?.playFrom(utterance.startSec);
    },
    [correcting, player],
  );
  const finish = () => {
    setCorrecting(false);
    setChange(null);
  };
  const onCorrected = (made: Changed, text: string) => {
    if (chosen !== null && made.corrected > 0) {
      const before = sameIn(utterances, chosen.utterance) ?? chosen.utterance;
      setChange({ made, corrected: { before, after: { ...before, text } } });
    }
    setChosen(null);
  };
  const onRestored = (made: Changed) => {
    setListing(false);
    setChange(made.corrected > 0 ? { made, corrected: null } : null);
  };
  const onOvertaken = () => {
    if (change?.corrected) setChosen({ utterance: change.corrected.after, typed: change.corrected.before.text });
    setChange(null);
  };
  return (
    <>
      <View style={[styles.tools, !correcting && styles.quiet]}>
        {correcting ? (
          <>
            <Button icon="done" label={t('correct.finish')} onPress={finish} />
            <Button label={t('correct.versions')} onPress={() => setListing(true)} />
            <Text as="caption" tone="soft" aria-live="polite" style={styles.hint}>
              {t('correct.hint')}
            </Text>
          </>
        ) : (
          <TextButton label={t('correct.begin')} text={t('correct.begin')} onPress={() => setCorrecting(true)} />
        )}
      </View>
      {chosen === null ? null : (
        <CorrectSheet {...chosen} lectureId={lectureId} read={read} onCorrected={onCorrected} onClose={() => setChosen(null)} />
      )}
      {listing ? (
        <Suspense fallback={null}>
          <RevisionsSheet lectureId={lectureId} read={read} onRestored={onRestored} onClose={() => setListing(false)} />
        </Suspense>
      ) : null}
      {playing && !following ? (
        <View style={styles.follow as object}>
          <Button label={t('reading.follow')} kind="primary" onPress={() => setFollowing(true)} />
        </View>
      ) : null}
      <View role="list" aria-label={t('reading.transcript')} {...onKeys(movesFocus('button', 'ArrowUp', 'ArrowDown'))}>
        {blocks.slice(0, count).map((block) => {
          const own = blockOf(active) === blockOf(block.first) ? active - block.first : -1;
          return (
            <Passage
              key={block.first}
              lectureId={lectureId}
              block={block}
              marked={hasMark(block, marked) ? marked : NONE}
              active={active < 0 ? -1 : own}
              entry={active < 0 ? (block.first === 0 ? 0 : -1) : own}
              following={following && own >= 0}
              onPress={correcting || player !== null ? onPress : null}
            />
          );
        })}
      </View>
      {change === null ? null : (
        <View style={styles.notice as object}>
          <UndoNotice
            key={change.made.revision}
            lectureId={lectureId}
            change={change}
            onUndone={onRestored}
            onOvertaken={onOvertaken}
          />
        </View>
      )}
    </>
  );
}

interface Chosen {
  readonly utterance: Utterance;
  readonly typed?: string;
}

type Marked = ReadonlyMap<number, readonly Mark[]>;

const NONE: Marked = new Map();

const hasMark = ({ first, utterances }: Block, marked: Marked) =>
  [...marked.keys()].some((index) => Math.max(0, index) >= first && index < first + utterances.length);

interface PassageProps {
  readonly lectureId: string;
  readonly block: Block;
  /** By the index of the utterance, -1 before the first; empty if the block has none. */
  readonly marked: Marked;
  /** Index within the block of what is played; -1 if it is elsewhere. */
  readonly active: number;
  /** Index within the block of the row that the Tab key leads to. */
  readonly entry: number;
  readonly following: boolean;
  /** Null where a press does nothing. */
  readonly onPress: ((utterance: Utterance) => void) | null;
}

/** Rendered again only when the mark comes, moves or goes. */
const Passage = memo(function Passage({ lectureId, block, marked, active, entry, following, onPress }: PassageProps) {
  const marksOf = (index: number) =>
    marked.get(index)?.map((mark) => <MarkRow key={mark.markId} lectureId={lectureId} mark={mark} />);
  return (
    <Offscreen height={block.height}>
      {block.first === 0 ? marksOf(-1) : null}
      {block.utterances.map((utterance, index) => (
        <Fragment key={utterance.id}>
          <UtteranceRow
            utterance={utterance}
            active={index === active}
            isEntry={index === entry}
            following={following}
            onPress={onPress}
          />
          {marksOf(block.first + index)}
        </Fragment>
      ))}
    </Offscreen>
  );
});

const styles = StyleSheet.create({
  tools: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', gap: space.m },
  // The words come first.
  quiet: { justifyContent: 'flex-end', marginVertical: -space.m },
  hint: { flexShrink: 1 },
  // Stays in view while the transcript scrolls below it.
  follow: { position: 'sticky', top: space.s, zIndex: 1, alignItems: 'center' } as object,
  // As that; behind the list, so that nothing moves when it appears.
  notice: { position: 'sticky', bottom: space.s, zIndex: 1 } as object,
});
