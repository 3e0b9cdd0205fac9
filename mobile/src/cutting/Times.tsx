import { StyleSheet, View } from 'react-native';

import { TextField } from '../design/TextField';
import { space } from '../design/tokens';
import { clock } from '../i18n/format';
import { type Choice, faultOf } from './span';
import { useCuttingWords } from './words';

export interface Props {
  readonly choice: Choice;
  readonly durationSec: number | null;
  readonly onType: (edge: 'start' | 'end', typed: string) => void;
}

/** The two times, typed. What is wrong with one stands below it. */
export function Times({ choice, durationSec, onType }: Props) {
  const { t } = useCuttingWords();
  const fault = faultOf(choice, durationSec);
  const words = fault === null ? null : t(`cutting.fault.${fault}`, { end: clock(durationSec ?? 0) });
  const field = (edge: 'start' | 'end') => (
    <View style={styles.field}>
      <TextField
        label={t(edge === 'start' ? 'cutting.from' : 'cutting.to')}
        error={(fault === 'start') === (edge === 'start') ? words : null}
        value={choice[edge].typed}
        onChangeText={(typed) => onType(edge, typed)}
        inputMode="text"
        autoCapitalize="none"
        autoCorrect={false}
        maxLength={12}
      />
    </View>
  );
  return (
    <View style={styles.fields}>
      {field('start')}
      {field('end')}
    </View>
  );
}

const styles = StyleSheet.create({
  fields: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
  field: { flexGrow: 1, flexShrink: 1, flexBasis: 140 },
});
