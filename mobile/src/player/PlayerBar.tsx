import { Suspense, lazy } from 'react';
import { StyleSheet, View, useWindowDimensions } from 'react-native';
import { useTranslation } from 'react-i18next';

import type { Lecture } from '../api/client';
import { ApiProblem } from '../api/problem';
import { messageOf } from '../app/messages';
import { IconButton } from '../design/IconButton';
import { Text } from '../design/Text';
import { TextButton } from '../design/TextButton';
import { Timeline } from '../design/Timeline';
import { leftToRight } from '../design/direction';
import { TOUCH, space } from '../design/tokens';
import { clock } from '../i18n/format';
import { useMarks } from '../marks/queries';
import { usePlayer, usePlayerState } from './PlayerProvider';
import { RATES, STEP_SEC } from './player';

const MarkButton = lazy(() => import('../marks/MarkButton'));

const TIGHT = 340;

/** Why there is nothing to play: retention, or something was cut out and the recording is not silent there yet. */
export type Absence = 'deleted' | 'withheld';

export function absenceOf(lecture: Pick<Lecture, 'available' | 'recordingDeletedAt'>): Absence | null {
  if (lecture.available.recording) return null;
  return lecture.recordingDeletedAt ? 'deleted' : 'withheld';
}

/** Position with the marks, play and pause, ten seconds back and on, speed. Time runs from left to right in every language. */
export function PlayerBar({ lectureId, durationSec, absent }: { lectureId: string; durationSec: number | null; absent: Absence | null }) {
  const { t, i18n } = useTranslation();
  // With text at twice its size there is no room for all in one line.
  const tight = useWindowDimensions().width < TIGHT;
  const player = usePlayer();
  const status = usePlayerState(player, (state) => state.status, 'paused');
  const positionSec = usePlayerState(player, (state) => Math.floor(state.positionSec), 0);
  const rate = usePlayerState(player, (state) => state.rate, 1);
  const failure = usePlayerState<unknown>(player, (state) => state.failure, null);
  const marks = useMarks(lectureId).data?.map(({ atSec }) => atSec);
  if (absent !== null) return <Text tone="soft">{absent === 'deleted' ? t('player.deleted') : t('errors.codes.recording_withheld')}</Text>;
  if (player === null) return null;
  const number = new Intl.NumberFormat(i18n.language).format(rate);
  const next = RATES[(RATES.indexOf(rate as (typeof RATES)[number]) + 1) % RATES.length] ?? 1;
  const playing = status !== 'paused';
  return (
    <View style={styles.bar} role="region" aria-label={t('player.title')}>
      {failure === null ? null : (
        <Text tone="record" urgent>
          {failure instanceof ApiProblem && failure.status === 404 ? t('player.notThere') : messageOf(t, failure)}
        </Text>
      )}
      <View {...leftToRight} style={styles.place}>
        <View style={styles.timeline}>
          {durationSec === null ? null : (
            <Timeline
              label={t('player.position')}
              valueText={t('player.of', { position: clock(positionSec), duration: clock(durationSec) })}
              value={positionSec}
              max={durationSec}
              {...(marks === undefined ? {} : { marks })}
              step={STEP_SEC}
              onChange={(sec) => player.seek(sec)}
            />
          )}
        </View>
        <Suspense fallback={<View style={styles.control} />}>
          <MarkButton lectureId={lectureId} />
        </Suspense>
      </View>
      <View {...leftToRight} style={[styles.controls, tight && styles.lines]}>
        <View style={[styles.side, tight && styles.below]}>
          <TextButton
            label={t('player.speed', { rate: number })}
            text={`${number}×`}
            onPress={() => player.setRate(next)}
          />
        </View>
        <TextButton label={t('player.back', { count: STEP_SEC })} text={`−${STEP_SEC}`} onPress={() => player.skip(-STEP_SEC)} />
        <IconButton
          icon={playing ? 'paused' : 'play'}
          label={playing ? t('player.pause') : t('player.play')}
          filled
          onPress={() => player.toggle()}
        />
        <TextButton label={t('player.forward', { count: STEP_SEC })} text={`+${STEP_SEC}`} onPress={() => player.skip(STEP_SEC)} />
        <View style={[styles.side, styles.end, tight && styles.below]}>
          <Text as="caption" tone="soft">
            {status === 'loading'
              ? t('player.loading')
              : durationSec === null
                ? clock(positionSec)
                : `${clock(positionSec)} / ${clock(durationSec)}`}
          </Text>
        </View>
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  bar: { gap: space.xs },
  place: { direction: 'ltr', flexDirection: 'row', alignItems: 'center', gap: space.s } as object,
  timeline: { flex: 1 },
  control: { width: TOUCH, height: TOUCH },
  controls: { direction: 'ltr', flexDirection: 'row', alignItems: 'center', justifyContent: 'center', gap: space.s },
  side: { flex: 1, alignItems: 'flex-start' },
  lines: { flexWrap: 'wrap', columnGap: space.xs },
  below: { order: 1, flexGrow: 1, flexShrink: 0, flexBasis: 'auto', minHeight: TOUCH, justifyContent: 'center' } as object,
  end: { alignItems: 'flex-end' },
});
