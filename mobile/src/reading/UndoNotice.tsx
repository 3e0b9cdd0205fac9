import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Utterance } from '../api/client';
import { ApiProblem } from '../api/problem';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { type Changed, useReadAgain, useRestore } from './revisions';

export interface Change {
  /** What came of it. */
  readonly made: Changed;
  /** The utterance before it was corrected, and as it was corrected; null if a whole version was brought back. */
  readonly corrected: { readonly before: Utterance; readonly after: Utterance } | null;
}

export interface Props {
  readonly lectureId: string;
  readonly change: Change;
  readonly onUndone: (made: Changed) => void;
  /** The transcript was changed meanwhile, and is read again: what is to be undone can be typed into it. */
  readonly onOvertaken: () => void;
}

/** Says that the transcript was changed, and undoes it. */
export function UndoNotice({ lectureId, change: { made, corrected }, onUndone, onOvertaken }: Props) {
  const { t } = useTranslation();
  const restore = useRestore(lectureId);
  const readAgain = useReadAgain(lectureId);
  const [isReading, setReading] = useState(false);
  const undo = () => restore.mutate({ revision: made.revision - 1, etag: made.etag }, { onSuccess: onUndone });
  if (restore.error instanceof ApiProblem && restore.error.status === 412) {
    const reload = () => {
      setReading(true);
      void readAgain().finally(onOvertaken);
    };
    return (
      <Banner
        kind="warning"
        title={t('correct.changed')}
        detail={corrected === null ? t('correct.overtaken') : t('correct.overtakenDetail')}
        action={{ label: t('correct.reload'), onPress: reload, busy: isReading }}
      />
    );
  }
  return (
    <Banner
      kind={restore.isError ? 'error' : 'safe'}
      title={corrected === null ? t('correct.restored') : t('correct.saved')}
      {...(restore.isError ? { detail: messageOf(t, restore.error) } : {})}
      action={{ label: t('correct.undo'), onPress: undo, busy: restore.isPending }}
    />
  );
}
