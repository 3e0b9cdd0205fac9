import type { UseMutationResult } from '@tanstack/react-query';
import { StyleSheet, View } from 'react-native';

import type { Schema, Utterance } from '../api/client';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { usePalette } from '../design/theme';
import { space } from '../design/tokens';
import { type Span, endOf, goes, startOf } from './span';
import { lengthOf, refusalOf, useCuttingWords } from './words';

export interface Props {
  readonly span: Span;
  /** Null where there is no transcript. */
  readonly utterances: readonly Utterance[] | null;
  readonly cut: UseMutationResult<Schema<'CutResponse'>, Error, readonly Span[]>;
  readonly onCut: () => void;
  readonly onClose: () => void;
}

const MOST_LINES = 5;

/** Says what goes, before it does. */
export function ConfirmCut({ span, utterances, cut, onCut, onClose }: Props) {
  const { t } = useCuttingWords();
  const palette = usePalette();
  const said = utterances?.filter((utterance) => goes(utterance, span) !== null).map(({ text }) => text).join(' ');
  return (
    <Sheet title={t('cutting.sure')} closeLabel={t('common.close')} visible onClose={onClose}>
      <Text>
        {t('cutting.removes', {
          start: startOf(span),
          end: endOf(span),
          length: lengthOf(t, span.endSec - span.startSec),
        })}
      </Text>
      {said === undefined ? null : (
        <View style={[styles.said, { borderStartColor: palette.record }]}>
          <Text as="caption" tone="soft">
            {said === '' ? t('cutting.saidNothing') : t('cutting.said')}
          </Text>
          {said === '' ? null : (
            <Text as="reading" numberOfLines={MOST_LINES}>
              {said}
            </Text>
          )}
        </View>
      )}
      <Text as="caption" tone="soft">
        {t('cutting.also')}
      </Text>
      {cut.isError ? (
        <Text tone="record" urgent>
          {refusalOf(t, cut.error)}
        </Text>
      ) : null}
      <Button kind="danger" label={t('cutting.cut')} busy={cut.isPending} onPress={onCut} />
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}

const styles = StyleSheet.create({
  said: { borderStartWidth: 3, paddingStart: space.m, gap: space.xs },
});
