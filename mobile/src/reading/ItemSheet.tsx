import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem } from '../api/problem';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import type { Form, Values } from './forms';
import type { ArtifactType } from './queries';
import { isConflict, useItemWrites } from './useItemWrites';

export interface Props {
  readonly lectureId: string;
  readonly artifactType: ArtifactType;
  readonly title: string;
  /** As it was when it was opened. */
  readonly opened: Form;
  /** As it is known now; null where it is not in the material any more. */
  readonly now: Form | null;
  /** Of the artifact as it is known now. */
  readonly etag: string;
  readonly onClose: () => void;
}

const GAP = '{{c1::…}}';
/** On a line of a field on a phone, about. */
const CHARACTERS = 36;
const MOST_LINES = 8;

const valuesOf = (form: Form): Values => Object.fromEntries(form.fields.map(({ key, value }) => [key, value]));

/** Words or adds an item. If the material has changed meanwhile, it is read again and what was typed stays. */
export function ItemSheet({ lectureId, artifactType, title, opened, now, etag, onClose }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(() => valuesOf(opened));
  const [isReloading, setReloading] = useState(false);
  const { mutate, error, isPending, reset, readAgain } = useItemWrites(lectureId, artifactType);
  const { id } = opened;
  const isGone = id !== null && now === null;
  const conflict = isConflict(error);
  const refused = error instanceof ApiProblem && error.code === 'invalid_request';
  const values = Object.fromEntries(Object.entries(typed).map(([key, text]) => [key, text.trim()]));
  const isComplete = opened.fields.every(({ key, required }) => !required || values[key] !== '');
  const differs = (now ?? opened).fields.filter(({ key, value }) => value !== opened.fields.find((was) => was.key === key)?.value);
  const close = { onSuccess: onClose };
  const save = () => {
    if (id === null) mutate({ kind: 'add', item: opened.added(values) }, close);
    else mutate({ kind: 'change', itemId: id, etag, changes: (now ?? opened).changes(values) }, close);
  };
  const reload = () => {
    setReloading(true);
    void readAgain().finally(() => {
      setReloading(false);
      reset();
    });
  };
  return (
    <Sheet title={title} closeLabel={t('common.close')} visible onClose={onClose}>
      {conflict ? (
        <Banner
          kind="warning"
          title={t('items.changed')}
          detail={t('items.changedDetail')}
          action={{ label: t('correct.reload'), onPress: reload, busy: isReloading }}
        />
      ) : null}
      {isGone ? <Banner kind="warning" title={t('items.gone')} detail={t('items.goneDetail')} /> : null}
      {differs.map(({ key, value }) => (
        <Text key={key}>{t('correct.now', { text: value })}</Text>
      ))}
      {opened.fields.map(({ key, name, number, required, value, hasGaps = false }, index) => (
        <TextField
          key={key}
          label={t(`items.field.${name}`, { number: number ?? 0 })}
          {...(hasGaps ? { help: t('items.gaps', { gap: GAP }) } : required ? {} : { help: t('items.optional') })}
          value={typed[key] ?? ''}
          onChangeText={(text) => setTyped({ ...typed, [key]: text })}
          multiline
          numberOfLines={Math.min(MOST_LINES, 1 + Math.ceil(value.length / CHARACTERS))}
          autoFocus={index === 0}
        />
      ))}
      {error === null || conflict ? null : (
        <Text tone="record" urgent>
          {refused ? t('items.refused') : messageOf(t, error)}
        </Text>
      )}
      <Button
        kind="primary"
        label={t('common.save')}
        busy={isPending}
        disabled={isGone || conflict || !isComplete}
        onPress={save}
      />
      {id !== null && !isGone && (opened.own || opened.edited) ? (
        <Button
          kind={opened.own ? 'danger' : 'quiet'}
          label={opened.own ? t('items.remove') : t('items.asMade')}
          disabled={isPending || conflict}
          onPress={() => mutate({ kind: 'remove', itemId: id, etag }, close)}
        />
      ) : null}
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}
