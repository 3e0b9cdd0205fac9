import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem } from '../api/problem';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { clock } from '../i18n/format';
import { type Mark, useMarkWrites } from './queries';

const LONGEST_LABEL = 120;

export interface Props {
  readonly lectureId: string;
  /** As it is known now: read again where it was changed elsewhere. */
  readonly mark: Mark;
  readonly onClose: () => void;
}

/** Names a mark, or removes it. If it was changed meanwhile, it is read again and what was typed stays. */
export default function MarkSheet({ lectureId, mark, onClose }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(mark.label ?? '');
  const { mutate, error, isPending, variables } = useMarkWrites(lectureId);
  const label = typed.trim() === '' ? null : typed.trim();
  const changed = error instanceof ApiProblem && error.status === 412;
  const save = () => {
    if (label === mark.label) onClose();
    else mutate({ kind: 'name', mark, label }, { onSuccess: onClose });
  };
  return (
    <Sheet title={t('marks.title', { time: clock(mark.atSec) })} closeLabel={t('common.close')} visible onClose={onClose}>
      {changed ? <Banner kind="warning" title={t('marks.changed')} /> : null}
      {changed && mark.label !== null ? <Text>{t('correct.now', { text: mark.label })}</Text> : null}
      <TextField
        label={t('marks.label')}
        value={typed}
        onChangeText={setTyped}
        maxLength={LONGEST_LABEL}
        onSubmitEditing={save}
        autoFocus
      />
      {error === null || changed ? null : (
        <Text tone="record" urgent>
          {messageOf(t, error)}
        </Text>
      )}
      <Button
        kind="primary"
        label={t('common.save')}
        busy={isPending && variables?.kind === 'name'}
        disabled={isPending}
        onPress={save}
      />
      <Button
        kind="danger"
        label={t('items.remove')}
        busy={isPending && variables?.kind === 'remove'}
        disabled={isPending}
        onPress={() => mutate({ kind: 'remove', mark }, { onSuccess: onClose })}
      />
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}
