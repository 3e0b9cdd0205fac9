import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { Choice } from '../design/Choice';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { presetDetail, presetTitle, rankOf } from './words';

/** What the study material is for, with a sentence of the one that is chosen. Nothing where it cannot be asked for. */
export function PresetChoices({ selected, onSelect }: { selected: string; onSelect: (presetId: string) => void }) {
  const { t } = useTranslation();
  const presets = usePresets();
  const chosen = presets.find(({ id }) => id === selected);
  if (presets.length === 0) return null;
  return (
    <View role="radiogroup" aria-label={t('preset.choose')} style={styles.group}>
      <Text as="label">{t('preset.choose')}</Text>
      <View style={styles.choices}>
        {presets.map(({ id, title }) => (
          <Choice key={id} label={presetTitle(t, id, title)} selected={id === selected} onPress={() => onSelect(id)} />
        ))}
      </View>
      {chosen === undefined ? null : (
        <Text as="caption" tone="soft" aria-live="polite">
          {presetDetail(t, chosen.id, chosen.description)}
        </Text>
      )}
    </View>
  );
}

/** They change with the server's version alone. */
function usePresets() {
  const { api } = useServices();
  const { data } = useQuery({
    queryKey: [api.baseUrl, 'presets'],
    staleTime: Infinity,
    queryFn: ({ signal }) => dataOf(api.client.GET('/presets', { signal }), api.clock.now()),
  });
  return [...(data?.presets ?? [])].sort((one, other) => rankOf(one.id) - rankOf(other.id));
}

const styles = StyleSheet.create({
  group: { gap: space.s },
  choices: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s },
});
