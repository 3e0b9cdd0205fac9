import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import type { Lecture } from '../api/client';
import { Text } from '../design/Text';
import { day } from '../i18n/format';

const PARTS = ['recording', 'transcript', 'material'] as const;

/** When what there is of a lecture is deleted, and what was. */
export function KeptUntil({ lecture }: { lecture: Lecture }) {
  const { t, i18n } = useTranslation();
  const sentences = PARTS.flatMap((part) => {
    const was = lecture[`${part}DeletedAt`];
    if (was) return [t(`retention.${part}Was`, { day: day(was, i18n.language) })];
    const on = lecture[`${part}DeletesAt`];
    return on ? [t(`retention.${part}On`, { day: day(on, i18n.language) })] : [];
  });
  if (sentences.length === 0) return null;
  return (
    <View>
      {sentences.map((sentence) => (
        <Text key={sentence} as="caption" tone="soft">
          {sentence}
        </Text>
      ))}
    </View>
  );
}
