import { useState } from 'react';

import { messageOfCode } from '../app/messages';
import { Banner } from '../design/Banner';
import { type CutRecord, type Silence, silenceOf, useCut, useCuts } from './queries';
import { refusalOf, useCuttingWords } from './words';

export interface Props {
  readonly lectureId: string;
  /** Something was cut out in this view, and its material is made again. */
  readonly made?: { readonly again: boolean } | null;
  readonly onLecture?: () => void;
}

/** What becomes of the recording: withheld while it is rewritten, silent, or why it is not. Nothing without a cut that is news. */
export function CutState({ lectureId, made = null, onLecture }: Props) {
  const { t } = useCuttingWords();
  const cuts = useCuts(lectureId).data ?? [];
  const silence = silenceOf(cuts);
  const wasUnderWay = useWasUnderWay(silence);
  if (silence === 'failed') return <Failed lectureId={lectureId} cuts={cuts.filter(({ state }) => state === 'failed')} />;
  if (silence === 'silencing') {
    return <Banner kind="info" title={t('cutting.state.silencing')} detail={t('cutting.state.silencingDetail')} />;
  }
  if (silence === 'none' || (made === null && !wasUnderWay)) return null;
  const detail = [
    ...(wasUnderWay ? [t('cutting.state.silencedDetail')] : []),
    ...(made?.again ? [t('cutting.state.material')] : []),
  ].join(' ');
  return (
    <Banner
      kind="safe"
      title={t('cutting.state.silenced')}
      {...(detail === '' ? {} : { detail })}
      {...(onLecture === undefined ? {} : { action: { label: t('cutting.state.toLecture'), onPress: onLecture } })}
    />
  );
}

/** Whether this view has seen the recording being made silent: only then it is news that it is. */
function useWasUnderWay(silence: Silence): boolean {
  const [was, setWas] = useState(false);
  if (silence === 'silencing' && !was) setWas(true);
  return was;
}

/** What the title says. */
const NOT_SILENCED = 'recording_not_silenced';

function Failed({ lectureId, cuts }: { lectureId: string; cuts: readonly CutRecord[] }) {
  const { t } = useCuttingWords();
  const again = useCut(lectureId);
  const code = cuts[0]?.error?.code ?? NOT_SILENCED;
  const reason = code === NOT_SILENCED ? [] : [messageOfCode(t, code)];
  return (
    <Banner
      kind="error"
      title={t('cutting.state.failed')}
      detail={again.isError ? refusalOf(t, again.error) : [...reason, t('cutting.state.failedDetail')].join(' ')}
      // Sent again, any of them has the whole recording silenced.
      action={{ label: t('cutting.state.retry'), onPress: () => again.mutate(cuts.slice(0, 1)), busy: again.isPending }}
    />
  );
}
