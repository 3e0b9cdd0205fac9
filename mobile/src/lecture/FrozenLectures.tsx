import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import { ListRow } from '../design/ListRow';
import { Text } from '../design/Text';
import { day } from '../i18n/format';
import { useHistory } from '../navigation/Navigation';
import { useFrozenLectures } from './freezing';

/** The way to lectures that are in no list while they are frozen; nothing where there are none. */
export function FrozenLectures() {
  const { t, i18n } = useTranslation();
  const history = useHistory();
  const { data: lectures = [] } = useFrozenLectures();
  if (lectures.length === 0) return null;
  return (
    <View>
      <Text as="heading" level={2}>
        {t('keep.frozenLectures')}
      </Text>
      {lectures.map(({ lectureId, title, restrictedAt }) => {
        const route = { name: 'lecture', lectureId } as const;
        return (
          <ListRow
            key={lectureId}
            title={title ?? t('common.untitled')}
            detail={t('keep.frozenSince', { day: day(restrictedAt ?? '', i18n.language) })}
            href={history.href(route)}
            onPress={() => history.push(route)}
          />
        );
      })}
    </View>
  );
}
