import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem } from '../api/problem';
import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';

export interface Props {
  readonly heading: string;
  readonly label: string;
  readonly title: string | null;
  readonly rename: {
    readonly isPending: boolean;
    readonly error: unknown;
    readonly mutate: (title: string | null, options: { onSuccess: () => void }) => void;
  };
  readonly onClose: () => void;
}

/** Asks for another title. An empty one removes it. It is shown while it is mounted. */
export function RenameSheet({ heading, label, title, rename, onClose }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(title ?? '');
  const refused = rename.error instanceof ApiProblem && rename.error.code === 'invalid_request';
  const save = () => {
    const next = typed.trim();
    if (next === (title ?? '')) onClose();
    else rename.mutate(next === '' ? null : next, { onSuccess: onClose });
  };
  return (
    <Sheet title={heading} closeLabel={t('common.close')} visible onClose={onClose}>
      <TextField
        label={label}
        value={typed}
        onChangeText={setTyped}
        onSubmitEditing={save}
        autoFocus
        error={refused ? t('manage.refused') : null}
      />
      {rename.error === null || refused ? null : (
        <Text tone="record" urgent>
          {messageOf(t, rename.error)}
        </Text>
      )}
      <Button kind="primary" label={t('common.save')} busy={rename.isPending} onPress={save} />
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}
