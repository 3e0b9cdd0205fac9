import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Lecture, Schema } from '../api/client';
import { Card } from '../design/Card';
import { ListRow } from '../design/ListRow';
import { Offscreen } from '../design/Offscreen';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { clock } from '../i18n/format';
import { useLectures } from '../library/queries';
import { useHistory } from '../navigation/Navigation';
import { Citations } from './Citations';
import { Loaded } from './Loaded';
import type { ViewProps } from './Reading';
import { useThreads } from './queries';

type Thread = Schema<'ThreadResponse'>;

const HEIGHT = 180;

/** The concepts of the course that this lecture speaks of, and where other lectures do. */
export default function ThreadsView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useThreads(lecture.courseId);
  const lectures = useLectures();
  const titles = new Map(
    lectures.data?.pages.flatMap((page) => page.lectures).map(({ lectureId, title }) => [lectureId, title]),
  );
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.noThreads')}>
      {({ threads }) => {
        const own = threads.filter(({ occurrences }) => occurrences.some((each) => each.lectureId === lecture.lectureId));
        if (own.length === 0) return <Text tone="soft">{t('reading.noThreads')}</Text>;
        return (
          <View style={styles.list}>
            {own.map((thread) => (
              <Offscreen key={thread.threadId} height={HEIGHT}>
                <ThreadCard thread={thread} lecture={lecture} titles={titles} />
              </Offscreen>
            ))}
          </View>
        );
      }}
    </Loaded>
  );
}

function ThreadCard(props: { thread: Thread; lecture: Lecture; titles: ReadonlyMap<string, string | null> }) {
  const { thread, lecture, titles } = props;
  const { t } = useTranslation();
  const history = useHistory();
  const here = thread.occurrences.filter(({ lectureId }) => lectureId === lecture.lectureId);
  const elsewhere = thread.occurrences.filter(({ lectureId }) => lectureId !== lecture.lectureId);
  return (
    <Card>
      <Text as="heading" level={2}>
        {thread.title}
      </Text>
      <Text as="reading">{thread.description}</Text>
      <Citations citations={here} />
      {elsewhere.map(({ lectureId, startSec }) => {
        const route = { name: 'lecture', lectureId, at: Math.floor(startSec) } as const;
        return (
          <ListRow
            key={`${lectureId}-${startSec}`}
            title={titles.get(lectureId) ?? t('common.untitled')}
            detail={clock(startSec)}
            href={history.href(route)}
            onPress={() => history.push(route)}
          />
        );
      })}
    </Card>
  );
}

const styles = StyleSheet.create({ list: { gap: space.m } });
