import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import type { Schema } from '../api/client';
import { CitationChip } from '../design/CitationChip';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { clock } from '../i18n/format';
import { usePlayer } from '../player/PlayerProvider';

type Citation = Pick<Schema<'Citation'>, 'startSec' | 'quote'>;

/** Where it was said. Each citation plays its second; where nothing can be played, it is a time. What a student added has none. */
export function Citations({ citations }: { citations: readonly Citation[] }) {
  const { t } = useTranslation();
  const player = usePlayer();
  if (citations.length === 0) return null;
  return (
    <View style={styles.list}>
      {citations.map(({ startSec, quote }, index) =>
        player === null ? (
          <Text key={index} as="caption" tone="soft">
            {clock(startSec)}
          </Text>
        ) : (
          <CitationChip
            key={index}
            time={clock(startSec)}
            label={t('player.playFrom', { time: clock(startSec), quote })}
            onPress={() => player.playFrom(startSec)}
          />
        ),
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  list: { flexDirection: 'row', flexWrap: 'wrap', columnGap: space.s },
});
