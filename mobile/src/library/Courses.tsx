import { useState } from 'react';
import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import type { Lecture } from '../api/client';
import { NetworkFailure } from '../api/problem';
import { messageOf } from '../app/messages';
import { Announcement } from '../design/Announcement';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { EmptyState } from '../design/EmptyState';
import { IconButton } from '../design/IconButton';
import { ListRow } from '../design/ListRow';
import { Skeleton } from '../design/Skeleton';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { useUploads } from '../device/hooks';
import { clock, day, percentage, timeLeft } from '../i18n/format';
import { useHistory, useRoute } from '../navigation/Navigation';
import { type CourseGroup, grouped, useCourses, useFreshLibrary, useLectures } from './queries';
import { type ByKey, type Reached, moves, stateOf, useNews, useReached, useSecondsLeft } from './reached';
import { useLibraryStream } from './useLibraryStream';

/** Courses with their lectures, and what is said while there are none. `beside`: beside a view, which says more. */
export function Courses({ beside = false }: { beside?: boolean }) {
  const { t } = useTranslation();
  const lectures = useLectures();
  useLibraryStream();
  useFreshLibrary(useUploads().filter(({ upload }) => upload.phase === 'confirmed').length);
  const courses = useCourses();
  const found = lectures.data?.pages.flatMap((page) => page.lectures) ?? [];
  const groups = grouped(found, courses.data?.pages.flatMap((page) => page.courses) ?? []);
  const reached = useReached(found);
  const news = useNews(found, reached);
  const isUnreachable = lectures.error instanceof NetworkFailure;
  return (
    <View style={styles.courses}>
      <Announcement>{news}</Announcement>
      {lectures.isError ? (
        <Banner
          kind={isUnreachable ? 'warning' : 'error'}
          title={isUnreachable ? t('common.offline') : t('errors.title')}
          detail={isUnreachable && lectures.data ? t('common.offlineDetail') : messageOf(t, lectures.error)}
          action={{ label: t('common.retry'), onPress: () => void lectures.refetch(), busy: lectures.isFetching }}
        />
      ) : null}
      {lectures.isPending ? <Skeleton label={t('library.loading')} /> : null}
      {lectures.isSuccess && found.length === 0 ? (
        beside ? (
          <Text tone="soft">{t('library.emptyTitle')}</Text>
        ) : (
          <EmptyState title={t('library.emptyTitle')} detail={t('library.emptyDetail')} />
        )
      ) : null}
      {groups
        // Those without a lecture once it is known that they have none.
        .filter((group) => group.lectures.length > 0 || (lectures.isSuccess && !lectures.hasNextPage))
        .map((group) => (
          <Group key={group.courseId} group={group} reached={reached} beside={beside} />
        ))}
      {lectures.hasNextPage ? (
        <Button
          label={t('library.more')}
          busy={lectures.isFetchingNextPage}
          onPress={() => void lectures.fetchNextPage()}
        />
      ) : null}
    </View>
  );
}

function Group({ group, reached, beside }: { group: CourseGroup; reached: ByKey; beside: boolean }) {
  const { t } = useTranslation();
  const history = useHistory();
  return (
    <View style={styles.group}>
      <View style={styles.head}>
        <Text as={beside ? 'label' : 'heading'} level={2} style={styles.title}>
          {group.title}
        </Text>
        <Text as="caption" tone="soft" style={styles.count}>
          {t('library.lectures', { count: group.lectures.length })}
        </Text>
        <IconButton
          icon="more"
          label={t('manage.openCourse', { title: group.title })}
          onPress={() => history.push({ name: 'course', courseId: group.courseId })}
        />
      </View>
      {group.lectures.map((lecture) => (
        <Row key={lecture.lectureId} lecture={lecture} reached={reached[lecture.lectureKey]} />
      ))}
    </View>
  );
}

const SIGNS = {
  awaiting_upload: 'waiting',
  uploaded: 'waiting',
  processing: 'running',
  completed: 'done',
  failed: 'failed',
} as const;

function Row({ lecture, reached }: { lecture: Lecture; reached: Reached | undefined }) {
  const { t, i18n } = useTranslation();
  const history = useHistory();
  const place = useRoute();
  const route = { name: 'lecture', lectureId: lecture.lectureId } as const;
  const title = lecture.title ?? t('common.untitled');
  const state = stateOf(t, lecture, reached);
  const facts = [day(lecture.createdAt, i18n.language), ...(lecture.durationSec === null ? [] : [clock(lecture.durationSec)])];
  const secondsLeft = useSecondsLeft(reached);
  const isMoving = moves(lecture);
  // Its height is that of a lecture under way for as long as it is shown: what is below it stays where it is.
  const [wasMoving, setWasMoving] = useState(isMoving);
  if (isMoving && !wasMoving) setWasMoving(true);
  const common = {
    title,
    sign: SIGNS[lecture.status],
    selected: (place.name === 'lecture' || place.name === 'cutting') && place.lectureId === lecture.lectureId,
    href: history.href(route),
    onPress: () => history.push(route),
  };
  if (!isMoving && !wasMoving) return <ListRow {...common} detail={[...facts, state].join(' · ')} />;
  if (!isMoving) return <ListRow {...common} detail={state} more={facts.join(' · ')} />;
  return (
    <ListRow
      {...common}
      detail={state}
      more={facts.join(' · ')}
      passing={{
        ...(reached === undefined ? {} : { detail: percentage(reached.percent, i18n.language) }),
        ...(secondsLeft === null ? {} : { more: timeLeft(t, secondsLeft) }),
      }}
      percent={reached?.percent ?? 0}
    />
  );
}

const styles = StyleSheet.create({
  courses: { gap: space.xl },
  group: { gap: space.xs },
  head: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', columnGap: space.s },
  // A word that is too long for the line is broken.
  title: { flexGrow: 1, flexShrink: 1, flexBasis: 120, minWidth: 0 },
  count: { flexShrink: 0 },
});
