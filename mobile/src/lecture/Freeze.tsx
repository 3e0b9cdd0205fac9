import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Lecture } from '../api/client';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { day } from '../i18n/format';
import { useFreezing } from './freezing';

/** Keeps a lecture without processing or showing it. */
export function FreezeLecture({ lectureId }: { lectureId: string }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const freezing = useFreezing(lectureId);
  return (
    <>
      <Button label={t('keep.freeze')} onPress={() => setAsking(true)} />
      <Sheet title={t('keep.freezeTitle')} closeLabel={t('common.close')} visible={asking} onClose={() => setAsking(false)}>
        <Text>{t('keep.freezeDetail')}</Text>
        <Text>{t('keep.freezeUntil')}</Text>
        {freezing.isError ? (
          <Text tone="record" urgent>
            {messageOf(t, freezing.error)}
          </Text>
        ) : null}
        <Button
          kind="primary"
          label={t('keep.freeze')}
          busy={freezing.isPending}
          onPress={() => freezing.mutate(true, { onSuccess: () => setAsking(false) })}
        />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </>
  );
}

/** In place of what there is of a lecture while it is frozen, and the way back. */
export function FrozenNote({ lecture, since, onLifted }: { lecture: Lecture; since: string; onLifted: () => void }) {
  const { t, i18n } = useTranslation();
  const freezing = useFreezing(lecture.lectureId);
  return (
    <Banner
      kind={freezing.isError ? 'error' : 'info'}
      title={t('keep.frozenSince', { day: day(since, i18n.language) })}
      detail={freezing.isError ? messageOf(t, freezing.error) : t('keep.frozenDetail')}
      action={{
        label: t('keep.unfreeze'),
        busy: freezing.isPending,
        onPress: () => freezing.mutate(false, { onSuccess: onLifted }),
      }}
    />
  );
}
