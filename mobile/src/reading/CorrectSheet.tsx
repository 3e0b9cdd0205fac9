import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Utterance, dataOf } from '../api/client';
import { ApiProblem } from '../api/problem';
import { useServices } from '../app/Services';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { clock } from '../i18n/format';
import type { ReadTranscript } from './queries';
import { type Changed, useReadAgain } from './revisions';
import { sameIn } from './utterances';

export interface Props {
  readonly lectureId: string;
  /** As it was when it was opened. */
  readonly utterance: Utterance;
  /** The transcript as it is known now. */
  readonly read: ReadTranscript;
  /** What stands in the field at first; the utterance's text unless it is given. */
  readonly typed?: string;
  readonly onCorrected: (made: Changed, text: string) => void;
  readonly onClose: () => void;
}

/** Corrects one utterance. If the transcript has changed meanwhile, it is read again and what was typed stays. */
export function CorrectSheet({ lectureId, utterance, read, typed: begun = utterance.text, onCorrected, onClose }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(begun);
  const correct = useCorrect(lectureId, read.etag);
  const now = sameIn(read.transcript.utterances, utterance);
  const changed = correct.error instanceof ApiProblem && correct.error.status === 412;
  const text = typed.trim();
  const save = () => {
    if (now === undefined || text === '') return;
    if (text === now.text) onClose();
    else correct.mutate({ utteranceId: now.id, text }, { onSuccess: (made) => onCorrected(made, text) });
  };
  return (
    <Sheet title={t('correct.title', { time: clock(utterance.startSec) })} closeLabel={t('common.close')} visible onClose={onClose}>
      {changed ? (
        <Banner
          kind="warning"
          title={t('correct.changed')}
          detail={t('correct.changedDetail')}
          action={{ label: t('correct.reload'), onPress: correct.reload, busy: correct.isReloading }}
        />
      ) : null}
      {now === undefined ? <Banner kind="warning" title={t('correct.gone')} /> : null}
      {now !== undefined && now.text !== utterance.text ? <Text>{t('correct.now', { text: now.text })}</Text> : null}
      <TextField
        label={t('correct.text')}
        help={t('correct.help')}
        value={typed}
        onChangeText={setTyped}
        multiline
        numberOfLines={4}
        autoFocus
      />
      {correct.error === null || changed ? null : (
        <Text tone="record" urgent>
          {messageOf(t, correct.error)}
        </Text>
      )}
      <Button
        kind="primary"
        label={t('common.save')}
        busy={correct.isPending}
        disabled={now === undefined || text === '' || changed}
        onPress={save}
      />
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}

function useCorrect(lectureId: string, etag: string) {
  const { api } = useServices();
  const [isReloading, setReloading] = useState(false);
  const readAgain = useReadAgain(lectureId);
  const { mutate, error, isPending, reset } = useMutation({
    mutationFn: (correction: { utteranceId: number; text: string }) =>
      dataOf(
        api.client.PATCH('/lectures/{lectureId}/transcript', {
          params: { path: { lectureId }, header: { 'If-Match': etag } },
          body: { corrections: [correction], regenerate: false },
        }),
        api.clock.now(),
      ),
    onSuccess: readAgain,
  });
  const reload = () => {
    setReloading(true);
    void readAgain().finally(() => {
      setReloading(false);
      reset();
    });
  };
  return { mutate, error, isPending, isReloading, reload };
}
