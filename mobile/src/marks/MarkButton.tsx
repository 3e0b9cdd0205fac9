import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import { messageOf } from '../app/messages';
import { Announcement } from '../design/Announcement';
import { IconButton } from '../design/IconButton';
import { Text } from '../design/Text';
import { clock } from '../i18n/format';
import { usePlayer } from '../player/PlayerProvider';
import { useMarkWrites } from './queries';

/** Marks the moment that is being heard. */
export default function MarkButton({ lectureId }: { lectureId: string }) {
  const { t } = useTranslation();
  const player = usePlayer();
  const { mutate, isPending, error, variables, isSuccess } = useMarkWrites(lectureId);
  if (player === null) return null;
  const add = () => mutate({ kind: 'add', atSec: Math.floor(player.state.get().positionSec * 10) / 10 });
  return (
    <View>
      <IconButton icon="mark" tone="mark" label={t('marks.add')} disabled={isPending} onPress={add} />
      {isSuccess && variables?.kind === 'add' ? (
        <Announcement>{t('marks.added', { time: clock(variables.atSec) })}</Announcement>
      ) : null}
      {error === null ? null : (
        <Text as="caption" tone="record" urgent>
          {messageOf(t, error)}
        </Text>
      )}
    </View>
  );
}
