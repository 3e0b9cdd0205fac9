import { useCallback, useEffect, useRef, useState } from 'react';
import { StyleSheet, View, useWindowDimensions } from 'react-native';

import type { Lecture, Utterance } from '../api/client';
import { Button } from '../design/Button';
import { IconButton } from '../design/IconButton';
import { Screen } from '../design/Screen';
import { Text } from '../design/Text';
import { focusOn } from '../design/reveal';
import { breakpoint, space } from '../design/tokens';
import { useLecture } from '../lecture/queries';
import { useHistory } from '../navigation/Navigation';
import { PlayerBar, absenceOf } from '../player/PlayerBar';
import { PlayerProvider, usePlayer } from '../player/PlayerProvider';
import { Loaded } from '../reading/Loaded';
import { useTranscript } from '../reading/queries';
import { ConfirmCut } from './ConfirmCut';
import { CutState } from './CutState';
import { EarlierCuts } from './EarlierCuts';
import { Sentences } from './Sentences';
import { Times } from './Times';
import { useCut } from './queries';
import { NOTHING, type Span, leadTo, rangeOf, spanOf, tapped, typedAs } from './span';
import { lengthOf, useCuttingWords } from './words';

/** On a lower screen (large text, a phone on its side) what is chosen would leave no room for the transcript at the foot of the view. */
const HIGH = 560;

/** Cuts a span of time out of a lecture: chosen, heard, confirmed, and followed until the recording is silent there. */
export function CutScreen({ lectureId }: { lectureId: string }) {
  const { t } = useCuttingWords();
  const history = useHistory();
  const query = useLecture(lectureId, 'cutting', true);
  const lecture = query.data;
  const toLecture = () => history.back({ name: 'lecture', lectureId });
  if (lecture !== undefined) return <OfLecture lecture={lecture} onLecture={toLecture} />;
  return (
    <Screen title={t('manage.cut')} back={{ label: t('common.back'), onPress: toLecture }}>
      <Loaded query={query} loading={t('lecture.loading')} missing={t('errors.codes.not_found')}>
        {() => null}
      </Loaded>
    </Screen>
  );
}

interface Props {
  readonly lecture: Lecture;
  readonly onLecture: () => void;
}

function OfLecture(props: Props) {
  const { lectureId, durationSec, available } = props.lecture;
  return (
    <PlayerProvider lectureId={lectureId} durationSec={durationSec} enabled={available.recording}>
      <Cutting {...props} />
    </PlayerProvider>
  );
}

function Cutting({ lecture, onLecture }: Props) {
  const { lectureId, durationSec } = lecture;
  const { t } = useCuttingWords();
  const transcript = useTranscript(lectureId);
  const [choice, setChoice] = useState(NOTHING);
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<{ readonly again: boolean } | null>(null);
  const state = useRef<View>(null);
  const which = useRef<View>(null);
  const cut = useCut(lectureId);
  const span = spanOf(choice, durationSec);
  const isHigh = useWindowDimensions().height >= HIGH;
  // The button that asked is gone with the choice; what became of it is what comes next.
  useEffect(() => {
    if (made !== null) focusOn(state.current);
  }, [made]);
  const onTap = useCallback((utterance: Utterance) => setChoice((now) => tapped(now, utterance)), []);
  // So is the button that takes the choice back.
  const clear = () => {
    setChoice(NOTHING);
    focusOn(which.current);
  };
  const close = () => {
    setAsking(false);
    cut.reset();
  };
  const onCut = (chosen: Span) =>
    cut.mutate([chosen], {
      onSuccess: ({ jobId }) => {
        setAsking(false);
        setChoice(NOTHING);
        setMade({ again: jobId !== null });
      },
    });
  const chosen = span === null ? null : <Chosen span={span} onCut={() => setAsking(true)} onClear={clear} />;
  return (
    <Screen
      title={t('manage.cut')}
      subtitle={lecture.title ?? t('common.untitled')}
      back={{ label: t('common.back'), onPress: onLecture }}
      footer={
        <View style={styles.footer}>
          {isHigh ? chosen : null}
          <PlayerBar lectureId={lectureId} durationSec={durationSec} absent={absenceOf(lecture)} />
        </View>
      }
    >
      <View ref={state} tabIndex={-1} style={[styles.quiet as object, styles.state]}>
        <CutState lectureId={lectureId} made={made} onLecture={onLecture} />
        <Text>{t('cutting.intro')}</Text>
      </View>
      <EarlierCuts lectureId={lectureId} />
      <View ref={which} tabIndex={-1} style={[styles.quiet as object, styles.which]}>
        <Text as="heading" level={2}>
          {t('cutting.which')}
        </Text>
        <Times
          choice={choice}
          durationSec={durationSec}
          onType={(edge, typed) => setChoice((now) => typedAs(now, edge, typed))}
        />
        {transcript.data === undefined ? null : (
          <Text as="caption" tone="soft" aria-live="polite">
            {t(choice.anchor !== null ? 'cutting.tapLast' : span === null ? 'cutting.tapFirst' : 'cutting.tapAgain')}
          </Text>
        )}
        {isHigh ? null : chosen}
      </View>
      <Loaded query={transcript} loading={t('reading.loadingTranscript')} missing={t('cutting.noTranscript')}>
        {({ transcript: { utterances } }) => <Sentences utterances={utterances} span={span} onTap={onTap} />}
      </Loaded>
      {asking && span !== null ? (
        <ConfirmCut
          span={span}
          utterances={transcript.data?.transcript.utterances ?? null}
          cut={cut}
          onCut={() => onCut(span)}
          onClose={close}
        />
      ) : null}
    </Screen>
  );
}

/** What is chosen stays in view, with what can be done to it. */
function Chosen({ span, onCut, onClear }: { span: Span; onCut: () => void; onClear: () => void }) {
  const { t } = useCuttingWords();
  const player = usePlayer();
  const isWide = useWindowDimensions().width >= breakpoint.sidebar;
  return (
    <View role="region" aria-label={t('cutting.which')} style={[styles.chosen, isWide && styles.across]}>
      <View style={[styles.line, isWide && styles.words]}>
        <Text as="label" aria-live="polite" style={styles.range}>
          {t('cutting.chosen', { range: rangeOf(span), length: lengthOf(t, span.endSec - span.startSec) })}
        </Text>
        <IconButton icon="close" label={t('cutting.clear')} onPress={onClear} />
      </View>
      <View style={styles.line}>
        {player === null ? null : (
          <Button grow label={t('cutting.listen')} onPress={() => player.playSpan(leadTo(span), span.endSec)} />
        )}
        <Button grow kind="danger" label={t('cutting.cut')} onPress={onCut} />
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  footer: { gap: space.s },
  // It has the focus in place of a control that is gone, and is none.
  quiet: { outlineStyle: 'none' } as object,
  state: { gap: space.xl },
  which: { gap: space.m },
  chosen: { gap: space.xs },
  across: { flexDirection: 'row', alignItems: 'center', gap: space.m },
  words: { flexGrow: 1, flexShrink: 1 },
  line: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', gap: space.s },
  range: { flexGrow: 1, flexShrink: 1, flexBasis: 150, fontVariant: ['tabular-nums'] },
});
